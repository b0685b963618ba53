# The bucket and the roles as ordered, and what each variable changes.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id = "my-project"
  image      = "europe-west1-docker.pkg.dev/my-project/tabular/tabular:1.0.0"
}

run "defaults_are_as_ordered" {
  command = plan

  assert {
    condition     = google_storage_bucket.models.name == "tabular-model-cache" && google_storage_bucket.models.location == "EUROPE-WEST1"
    error_message = "The bucket has another name or region."
  }

  assert {
    condition     = google_storage_bucket.models.uniform_bucket_level_access && google_storage_bucket.models.public_access_prevention == "enforced" && google_storage_bucket.models.versioning[0].enabled
    error_message = "The bucket is not closed, or has no versioning."
  }

  assert {
    condition     = [for m in google_storage_bucket_iam_member.service : m.role] == ["roles/storage.objectAdmin"] && [for m in google_storage_bucket_iam_member.sync : m.role] == ["roles/storage.admin"]
    error_message = "The roles are not those that were ordered."
  }

  assert {
    condition     = google_storage_bucket.models.soft_delete_policy[0].retention_duration_seconds == 604800 && length(google_storage_bucket.models.encryption) == 0
    error_message = "Soft delete is 7 days, and keys are Google's."
  }

  # A rule by age that is not limited to staging would delete models in use.
  assert {
    condition = length(google_storage_bucket.models.lifecycle_rule) == 3 && (
      one(google_storage_bucket.models.lifecycle_rule[0].condition).with_state == "ARCHIVED"
      ) && (
      one(google_storage_bucket.models.lifecycle_rule[1].condition).matches_prefix == tolist([".tmp/"])
      ) && (
      one(google_storage_bucket.models.lifecycle_rule[2].action).type == "AbortIncompleteMultipartUpload"
    )
    error_message = "A lifecycle rule deletes live objects outside of .tmp/."
  }

  assert {
    condition     = google_cloud_scheduler_job.sync[0].schedule == "0 2 * * *" && google_cloud_scheduler_job.sync[0].http_target[0].uri == "https://run.googleapis.com/v2/projects/my-project/locations/europe-west1/jobs/tabular-model-sync:run" && length(google_cloud_scheduler_job.sync[0].http_target[0].oauth_token) == 1
    error_message = "The scheduler does not run the job nightly, with OAuth."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.cache_miss) == 1 && length(google_kms_crypto_key.signing) == 0
    error_message = "Production has the alert of cache_hit=false, and no key unless it is wanted."
  }
}

run "staging_has_everything_of_its_own" {
  command = plan

  variables {
    environment      = "staging"
    soft_delete_days = 0
    sync_schedule    = null
  }

  assert {
    condition     = google_storage_bucket.models.name == "tabular-model-cache-staging" && google_cloud_run_v2_service.tabular.name == "tabular-staging" && google_cloud_run_v2_job.sync.name == "tabular-model-sync-staging"
    error_message = "Staging shares a name with production."
  }

  assert {
    condition     = google_service_account.service.account_id == "tabular-staging" && google_service_account.sync.account_id == "tabular-model-sync-staging"
    error_message = "Staging shares an account with production."
  }

  assert {
    condition     = google_storage_bucket.models.soft_delete_policy[0].retention_duration_seconds == 0 && length(google_cloud_scheduler_job.sync) == 0 && length(google_monitoring_alert_policy.cache_miss) == 0
    error_message = "Soft delete, the schedule and the alert of production are not off."
  }
}

run "least_privilege_with_a_service_that_only_reads" {
  command = plan

  variables {
    access_profile  = "least_privilege"
    pull_when_stale = false
    signing_enabled = true
  }

  assert {
    condition     = [for m in google_storage_bucket_iam_member.service : m.role] == ["roles/storage.objectViewer"] && contains([for m in google_storage_bucket_iam_member.sync : m.role], "roles/storage.objectUser")
    error_message = "The roles are not the least."
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.service) == 0 && length(google_kms_crypto_key_iam_member.sync) == 1 && google_kms_crypto_key.signing["signing"].version_template[0].algorithm == "EC_SIGN_P256_SHA256"
    error_message = "Only the job signs, with EC_SIGN_P256_SHA256."
  }

  assert {
    condition = [
      for e in google_cloud_run_v2_service.tabular.template[0].containers[0].env : e.name if startswith(e.name, "ModelCache__Signing__")
      ] == ["ModelCache__Signing__TrustedKeys__0"] && [
      for e in google_cloud_run_v2_job.sync.template[0].template[0].containers[0].env : e.name if startswith(e.name, "ModelCache__Signing__")
    ] == ["ModelCache__Signing__KmsKey", "ModelCache__Signing__TrustedKeys__0"]
    error_message = "The service trusts the key, and the job signs with it."
  }
}

run "toggle_off_leaves_the_bucket_to_the_job" {
  command = plan

  variables {
    shared_volume_enabled = false
  }

  assert {
    condition = [for v in google_cloud_run_v2_service.tabular.template[0].volumes : length(v.gcs)] == [0] && [
      for e in google_cloud_run_v2_service.tabular.template[0].containers[0].env : e.name if e.name == "ModelCache__Bucket"
    ] == []
    error_message = "The service still has the bucket; with the toggle off, the app refuses that."
  }

  assert {
    condition     = length(google_cloud_run_v2_job.sync.template[0].template[0].volumes[0].gcs) == 1
    error_message = "The job has lost the bucket."
  }
}

run "hierarchical_namespace_and_customer_key" {
  command = plan

  variables {
    hierarchical_namespace = true
    cmek_key_name          = "projects/my-project/locations/europe-west1/keyRings/r/cryptoKeys/storage"
  }

  assert {
    condition     = google_storage_bucket.models.hierarchical_namespace[0].enabled && !google_storage_bucket.models.versioning[0].enabled
    error_message = "A hierarchical namespace and versioning exclude each other."
  }

  assert {
    condition     = google_storage_bucket.models.encryption[0].default_kms_key_name == var.cmek_key_name && google_kms_crypto_key_iam_member.cmek[0].role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    error_message = "The customer's key is not used."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    image            = "europe-west1-docker.pkg.dev/my-project/tabular/tabular:latest"
    access_profile   = "owner"
    soft_delete_days = 3
    min_instances    = 11
    staging_days     = 1
    memory           = "2Gi"
    sync_schedule    = "nightly"
    environment      = "Prod"
  }

  expect_failures = [
    var.image, var.access_profile, var.soft_delete_days, var.min_instances, var.staging_days, var.memory, var.sync_schedule, var.environment,
  ]
}
