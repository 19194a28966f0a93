/** Metrics that rules and dashboards may name, by the program that provides them. */
export const KNOWN_METRICS: Readonly<Record<string, readonly string[]>> = {
  Prometheus: [
    "ALERTS",
    "up",
    "scrape_duration_seconds",
    "prometheus_config_last_reload_successful",
    "prometheus_rule_group_last_duration_seconds",
    "prometheus_tsdb_head_samples_appended_total",
    "prometheus_tsdb_head_series",
    "prometheus_tsdb_lowest_timestamp_seconds",
    "prometheus_tsdb_reloads_failures_total",
    "prometheus_tsdb_storage_blocks_bytes",
  ],
  Alertmanager: ["alertmanager_config_last_reload_successful"],
  node_exporter: [
    "node_cpu_seconds_total",
    "node_disk_io_time_seconds_total",
    "node_disk_read_bytes_total",
    "node_disk_written_bytes_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "node_load1",
    "node_load15",
    "node_memory_Cached_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_netstat_Tcp_RetransSegs",
    "node_network_receive_bytes_total",
    "node_network_receive_drop_total",
    "node_network_receive_errs_total",
    "node_network_transmit_bytes_total",
    "node_network_transmit_drop_total",
    "node_network_transmit_errs_total",
    "node_nf_conntrack_entries",
    "node_nf_conntrack_entries_limit",
    "node_pressure_cpu_waiting_seconds_total",
    "node_pressure_io_waiting_seconds_total",
    "node_pressure_memory_waiting_seconds_total",
    "node_timex_offset_seconds",
    "node_timex_sync_status",
    "node_uname_info",
  ],
  // Through node_exporter's textfile collector on the control plane.
  "the power controller": [
    "vmstation_power_state",
    "vmstation_power_asleep_seconds_total",
    "vmstation_power_wakes_total",
    "vmstation_power_failed_wakes_total",
    "vmstation_power_saved_watt_hours_total",
    "vmstation_power_wake_failed",
    "vmstation_power_distrusted",
    "vmstation_power_checked_timestamp_seconds",
  ],
  "our backup program": [
    "vmstation_backup_timestamp_seconds",
    "vmstation_backup_max_age_seconds",
    "vmstation_backup_failed",
  ],
  "the check of the virtual address": ["vmstation_endpoint_holds"],
  "our recording rules": ["node:vmstation_power_asleep:max5m"],
  "Argo CD": ["argocd_app_info"],
  "kube-state-metrics": [
    "kube_cronjob_status_last_successful_time",
    "kube_deployment_status_replicas_available",
    "kube_node_status_condition",
    "kube_persistentvolume_status_phase",
    "kube_persistentvolumeclaim_status_phase",
    "kube_pod_container_status_restarts_total",
    "kube_pod_container_status_running",
    "kube_pod_status_phase",
    "kube_pod_status_ready",
  ],
  Jellyfin: ["http_requests_in_progress", "http_requests_received_total"],
  cAdvisor: [
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_network_receive_bytes_total",
    "container_network_transmit_bytes_total",
  ],
  blackbox_exporter: [
    "probe_duration_seconds",
    "probe_http_duration_seconds",
    "probe_icmp_duration_seconds",
    "probe_ssl_earliest_cert_expiry",
    "probe_success",
  ],
  CoreDNS: [
    "coredns_cache_hits_total",
    "coredns_cache_requests_total",
    "coredns_dns_request_duration_seconds_bucket",
    "coredns_dns_requests_total",
    "coredns_dns_responses_total",
    "coredns_proxy_request_duration_seconds_bucket",
  ],
  MetalLB: [
    "metallb_allocator_addresses_in_use_total",
    "metallb_allocator_addresses_total",
    "metallb_k8s_client_config_stale_bool",
    "metallb_speaker_announced",
  ],
  Traefik: [
    "traefik_entrypoint_requests_total",
    "traefik_open_connections",
    "traefik_service_request_duration_seconds_bucket",
    "traefik_service_requests_total",
  ],
  "cert-manager": [
    "certmanager_certificate_expiration_timestamp_seconds",
    "certmanager_certificate_ready_status",
    "certmanager_http_acme_client_request_count",
  ],
  cloudflared: [
    "cloudflared_tunnel_ha_connections",
    "cloudflared_tunnel_request_errors",
    "cloudflared_tunnel_response_by_code",
    "cloudflared_tunnel_total_requests",
  ],
  ipmi_exporter: [
    "ipmi_chassis_power_state",
    "ipmi_dcmi_power_consumption_watts",
    "ipmi_fan_speed_rpm",
    "ipmi_fan_speed_state",
    "ipmi_sensor_state",
    "ipmi_temperature_celsius",
    "ipmi_temperature_state",
    "ipmi_up",
    "ipmi_voltage_volts",
  ],
};

const WORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);

/** The names of metrics in a PromQL expression: words that are no label, function, keyword or string. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, '""')
    .replace(/\{[^{}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const words = bare.matchAll(/(?<![\w:.])[A-Za-z_:][\w:]*(?!\s*\(|[\w:])/g);
  return [...words].map(([word]) => word).filter((word) => !WORDS.has(word));
}
