resource "google_cloud_run_v2_service" "tabular" {
  name                = "tabular${local.suffix}"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = var.deletion_protection
  labels              = local.labels

  template {
    service_account                  = google_service_account.service.email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = 8
    timeout                          = "300s"
    labels                           = local.labels

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    dynamic "volumes" {
      for_each = var.shared_volume_enabled ? ["models"] : []

      content {
        name = volumes.value

        gcs {
          bucket        = google_storage_bucket.models.name
          read_only     = true # The library writes by the API, with preconditions that a mount has not.
          mount_options = local.mount_options
        }
      }
    }

    # With the toggle off, each instance keeps its models in its own memory.
    dynamic "volumes" {
      for_each = var.shared_volume_enabled ? [] : ["private-models"]

      content {
        name = volumes.value

        empty_dir {
          medium     = "MEMORY"
          size_limit = "4Gi"
        }
      }
    }

    containers {
      name  = "tabular"
      image = var.image

      ports {
        name           = "http1"
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.cpu
          memory = var.memory
        }
        # Throttled between requests, an instance could not look after its mount: a probe that gets no CPU for ten seconds is a mount that hangs.
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.service_environment

        content {
          name  = env.key
          value = env.value
        }
      }

      volume_mounts {
        name       = var.shared_volume_enabled ? "models" : "private-models"
        mount_path = local.mount_path
      }

      # 240 s, the longest that Cloud Run waits; ModelCache:StartupDeadline is 225 s, so that it is the app that says what it waited for.
      startup_probe {
        period_seconds    = 5
        timeout_seconds   = 4
        failure_threshold = 48

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      # Asks nothing of the cache: a restart cures no model. A mount that died ends the process by itself (StopHostWhenDead).
      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 3

        http_get {
          path = "/livez"
          port = 8080
        }
      }

      readiness_probe {
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 2

        http_get {
          path = "/healthz"
          port = 8080
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  # Without the roles the mount fails, and with it the first revision.
  depends_on = [google_storage_bucket_iam_member.service, google_kms_crypto_key_iam_member.service]
}
