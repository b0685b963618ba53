# An account that can do one thing: run this job. The job's own account may change the bucket, and is nothing to be handed to a scheduler.
resource "google_service_account" "scheduler" {
  account_id   = "tabular-model-cron${local.suffix}"
  display_name = "Runs the Tabular model sync job (${var.environment})"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  name     = google_cloud_run_v2_job.sync.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_service_account.scheduler.email}"
}

resource "google_cloud_scheduler_job" "sync" {
  count            = var.sync_schedule == null ? 0 : 1
  name             = "tabular-model-sync-nightly${local.suffix}"
  description      = "Runs the model sync job."
  region           = var.region
  schedule         = var.sync_schedule
  time_zone        = var.sync_time_zone
  attempt_deadline = "180s"

  retry_config {
    retry_count = 1
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project_id}/locations/${var.region}/jobs/${google_cloud_run_v2_job.sync.name}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler]
}
