locals {
  signing = var.signing_enabled ? ["signing"] : []

  # What every instance believes.
  signing_environment = var.signing_enabled ? merge([
    for i, pem in concat([data.google_kms_crypto_key_version.signing["signing"].public_key[0].pem], var.trusted_public_keys) :
    { "ModelCache__Signing__TrustedKeys__${i}" = pem }
  ]...) : {}

  # What whoever publishes signs with.
  signer_environment = var.signing_enabled ? {
    ModelCache__Signing__KmsKey = data.google_kms_crypto_key_version.signing["signing"].name
  } : {}
}

resource "google_kms_key_ring" "signing" {
  for_each = toset(local.signing)
  name     = "tabular-model-cache${local.suffix}"
  location = var.region
}

resource "google_kms_crypto_key" "signing" {
  for_each = toset(local.signing)
  name     = "manifest-signing"
  key_ring = google_kms_key_ring.signing[each.key].id
  purpose  = "ASYMMETRIC_SIGN"
  labels   = local.labels

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = var.signing_protection_level
  }

  # A destroyed key leaves signatures that nothing can be made to trust again.
  lifecycle {
    prevent_destroy = true
  }
}

data "google_kms_crypto_key_version" "signing" {
  for_each   = toset(local.signing)
  crypto_key = google_kms_crypto_key.signing[each.key].id
  version    = var.signing_key_version
}

resource "google_kms_crypto_key_iam_member" "sync" {
  for_each      = toset(local.signing)
  crypto_key_id = google_kms_crypto_key.signing[each.key].id
  role          = "roles/cloudkms.signerVerifier"
  member        = "serviceAccount:${google_service_account.sync.email}"
}

resource "google_kms_crypto_key_iam_member" "service" {
  for_each      = var.pull_when_stale ? toset(local.signing) : toset([])
  crypto_key_id = google_kms_crypto_key.signing[each.key].id
  role          = "roles/cloudkms.signerVerifier"
  member        = "serviceAccount:${google_service_account.service.email}"
}
