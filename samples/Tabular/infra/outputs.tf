output "bucket" {
  description = "URL of the bucket."
  value       = "gs://${google_storage_bucket.models.name}"
}

output "service_url" {
  description = "Address of the service."
  value       = google_cloud_run_v2_service.tabular.uri
}

output "service_account" {
  description = "Account of the service."
  value       = google_service_account.service.email
}

output "sync_service_account" {
  description = "Account of the sync job."
  value       = google_service_account.sync.email
}

output "sync_command" {
  description = "Runs the sync job and waits for its end."
  value       = "gcloud run jobs execute ${google_cloud_run_v2_job.sync.name} --project=${var.project_id} --region=${var.region} --wait"
}

output "signing_key" {
  description = "Version of the key that signs, for ModelCache:Signing:KmsKey; null without signing."
  value       = var.signing_enabled ? data.google_kms_crypto_key_version.signing["signing"].name : null
}

output "signing_public_key" {
  description = "Public key that instances trust; null without signing."
  value       = var.signing_enabled ? data.google_kms_crypto_key_version.signing["signing"].public_key[0].pem : null
}
