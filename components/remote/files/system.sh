# shellcheck shell=sh
# Which of the systems that the program knows a machine runs. KNOWN_SYSTEMS: a line "NAME ID VERSION CODENAME" for each.

# known_system FILE: of an os-release(5), "NAME exact", "NAME near" for what is made of that system, or nothing.
# A derivative says what it is made of by its codename, or by ID_LIKE and the same version; what is made of RHEL by
# PLATFORM_ID, or by ID_LIKE and the same version.
known_system() {
  KNOWN_SYSTEMS=$KNOWN_SYSTEMS awk '
    function is_version(found, known) { return found == known || index(found, known ".") == 1 }
    function is_like(word) { return index(" " value["ID_LIKE"] " ", " " word " ") > 0 }
    function made_of(id, version, codename) {
      if (id == "ubuntu" && value["UBUNTU_CODENAME"] != "") return value["UBUNTU_CODENAME"] == codename
      if (id == "debian" && value["DEBIAN_CODENAME"] != "") return value["DEBIAN_CODENAME"] == codename
      if (id == "rhel" && value["PLATFORM_ID"] != "") return value["PLATFORM_ID"] == "platform:el" version
      if (!is_like(id)) return 0
      if (codename != "-" && value["VERSION_CODENAME"] != "") return value["VERSION_CODENAME"] == codename
      return is_version(value["VERSION_ID"], version)
    }
    {
      key = $0
      sub(/=.*/, "", key)
      text = substr($0, length(key) + 2)
      gsub(/^["\047]|["\047\r]*$/, "", text)
      value[key] = text
    }
    END {
      count = split(ENVIRON["KNOWN_SYSTEMS"], known, "\n")
      for (i = 1; i <= count; i++) {
        split(known[i], part, " ")
        if (value["ID"] == part[2] && is_version(value["VERSION_ID"], part[3])) {print part[1], "exact"; exit}
      }
      for (i = 1; i <= count; i++) {
        split(known[i], part, " ")
        if (made_of(part[2], part[3], part[4])) {print part[1], "near"; exit}
      }
    }' "$1"
}
