// Package text chooses a user's name for a repository; none is fetched in this build.
package text

func FirstNonEmpty(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
