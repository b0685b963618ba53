# Each environment's values make a plan: terraform test -test-directory=environments -var-file=environments/prod.tfvars

mock_provider "google" {
  override_during = plan
}

run "values_make_a_plan" {
  command = plan

  assert {
    condition     = google_storage_bucket.models.labels["environment"] == var.environment && google_cloud_run_v2_service.tabular.template[0].containers[0].image == var.image
    error_message = "The plan is not that of the environment."
  }
}
