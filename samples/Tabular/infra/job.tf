resource "google_cloud_run_v2_job" "sync" {
  name                = "tabular-model-sync${local.suffix}"
  location            = var.region
  deletion_protection = var.deletion_protection
  labels              = local.labels

  template {
    task_count  = 1
    parallelism = 1
    labels      = local.labels

    template {
      service_account       = google_service_account.sync.email
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      max_retries           = 1 # It goes on where the one before stopped.
      timeout               = "3600s"

      volumes {
        name = "models"

        gcs {
          bucket        = google_storage_bucket.models.name
          read_only     = true
          mount_options = local.mount_options
        }
      }

      containers {
        name  = "tabular"
        image = var.image

        resources {
          # Models are streamed through: 153 MB at most were measured. The rest is for the mount.
          limits = {
            cpu    = "2"
            memory = "2Gi"
          }
        }

        dynamic "env" {
          for_each = local.sync_environment

          content {
            name  = env.key
            value = env.value
          }
        }

        volume_mounts {
          name       = "models"
          mount_path = local.mount_path
        }
      }
    }
  }

  depends_on = [google_storage_bucket_iam_member.sync, google_kms_crypto_key_iam_member.sync]
}
