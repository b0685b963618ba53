resource "google_service_account" "service" {
  account_id   = "tabular${local.suffix}"
  display_name = "Tabular service (${var.environment})"
}

resource "google_service_account" "sync" {
  account_id   = "tabular-model-sync${local.suffix}"
  display_name = "Tabular model sync job (${var.environment})"
}

resource "google_storage_bucket_iam_member" "service" {
  for_each = toset(local.bucket_roles.service)
  bucket   = google_storage_bucket.models.name
  role     = each.value
  member   = "serviceAccount:${google_service_account.service.email}"
}

resource "google_storage_bucket_iam_member" "sync" {
  for_each = toset(local.bucket_roles.sync)
  bucket   = google_storage_bucket.models.name
  role     = each.value
  member   = "serviceAccount:${google_service_account.sync.email}"
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = toset(var.invokers)
  name     = google_cloud_run_v2_service.tabular.name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}
