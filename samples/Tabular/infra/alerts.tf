locals {
  service_log = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloud_run_v2_service.tabular.name}\""
  job_name    = google_cloud_run_v2_job.sync.name
  runbook     = "See samples/Tabular/docs/ROLLOUT.md and docs/FAILURES.md."

  # Each filter names fields of the app's log lines as they are; tests read them here and try them on real lines.
  log_filters = {
    cache_miss   = "jsonPayload.event=\"ModelPulled\" AND jsonPayload.cache_hit=false"
    degraded     = "jsonPayload.event=(\"FellBack\" OR \"UpdateRefused\" OR \"ProbeFailed\")"
    start_failed = "jsonPayload.event=\"StartFailed\" AND severity=\"CRITICAL\""
  }
}

# One line per model and download: the number of lines is the number of downloads.
resource "google_logging_metric" "cache_miss" {
  name        = "tabular_model_cache_miss${local.suffix}"
  description = "Models that an instance of the service has downloaded (cache_hit=false)."
  filter      = "${local.service_log} AND ${local.log_filters.cache_miss}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "model"
      value_type = "STRING"
    }
  }

  label_extractors = {
    model = "EXTRACT(jsonPayload.modelName)"
  }
}

resource "google_logging_metric" "degraded" {
  name        = "tabular_model_cache_degraded${local.suffix}"
  description = "An instance serves an older version, refused an update, or has a mount that does not answer."
  filter      = "${local.service_log} AND ${local.log_filters.degraded}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_logging_metric" "start_failed" {
  name        = "tabular_model_cache_start_failed${local.suffix}"
  description = "Starts that ended with exit code 70."
  filter      = "${local.service_log} AND ${local.log_filters.start_failed}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_monitoring_alert_policy" "server_errors" {
  display_name          = "Tabular: 5xx (${var.environment})"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "More than 5 answers with 5xx in 5 minutes"

    condition_threshold {
      filter          = "metric.type=\"run.googleapis.com/request_count\" AND ${local.service_log} AND metric.labels.response_code_class=\"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = 5
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Instances fail, or cannot read their models. ${local.runbook}"
  }
}

# Production starts are hits: the job downloads, not the service.
resource "google_monitoring_alert_policy" "cache_miss" {
  count                 = var.environment == "prod" ? 1 : 0
  display_name          = "Tabular: cache_hit=false in production"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "An instance has downloaded a model"

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.cache_miss.name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.model"]
      }
    }
  }

  documentation {
    content = "The bucket did not have what a start wanted: it is empty, or was not synced before a release. ${local.runbook}"
  }
}

resource "google_monitoring_alert_policy" "degraded" {
  display_name          = "Tabular: degraded (${var.environment})"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "An older version is served, or a mount does not answer"

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.degraded.name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Nobody is without an answer, but not from the version that is wanted. ${local.runbook}"
  }
}

resource "google_monitoring_alert_policy" "start_failed" {
  display_name          = "Tabular: start failed (${var.environment})"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "A start ended with exit code 70"

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.start_failed.name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Its last line of severity CRITICAL says what was expected, what was found and what to do. ${local.runbook}"
  }
}

resource "google_monitoring_alert_policy" "sync_failed" {
  display_name          = "Tabular: model sync failed (${var.environment})"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "An execution of the job failed"

    condition_threshold {
      filter          = "metric.type=\"run.googleapis.com/job/completed_execution_count\" AND resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${local.job_name}\" AND metric.labels.result=\"failed\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "Instances go on with the versions that are there. The last line of the execution's log says why. ${local.runbook}"
  }
}
