resource "google_storage_bucket" "models" {
  name                        = local.bucket_name
  location                    = upper(var.region)
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection
  labels                      = local.labels

  versioning {
    enabled = !var.hierarchical_namespace
  }

  hierarchical_namespace {
    enabled = var.hierarchical_namespace
  }

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 24 * 60 * 60
  }

  dynamic "encryption" {
    for_each = var.cmek_key_name == null ? [] : [var.cmek_key_name]

    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = var.noncurrent_days
      with_state                 = "ARCHIVED"
    }
  }

  # What a killed pull left, when no later run has used or removed it. Nothing else may ever be deleted by age: versions are as old as they are.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age            = var.staging_days
      matches_prefix = [".tmp/"]
      with_state     = "ANY"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = var.staging_days
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.cmek]
}

data "google_storage_project_service_account" "storage" {
  count = var.cmek_key_name == null ? 0 : 1
}

resource "google_kms_crypto_key_iam_member" "cmek" {
  count         = var.cmek_key_name == null ? 0 : 1
  crypto_key_id = var.cmek_key_name
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${data.google_storage_project_service_account.storage[0].email_address}"
}
