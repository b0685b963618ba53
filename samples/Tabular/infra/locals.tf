locals {
  suffix      = var.environment == "prod" ? "" : "-${var.environment}"
  bucket_name = coalesce(var.bucket_name, "tabular-model-cache${local.suffix}")
  mount_path  = "/models"
  labels      = { app = "tabular", environment = var.environment }

  # What the service may do in the bucket depends on whether its starts pull; the job reads the bucket's settings too, to tell what is billed.
  bucket_roles = {
    ordered = {
      service = ["roles/storage.objectAdmin"]
      sync    = ["roles/storage.admin"]
    }
    least_privilege = {
      service = var.pull_when_stale ? ["roles/storage.objectUser"] : ["roles/storage.objectViewer"]
      sync    = ["roles/storage.objectUser", "roles/storage.legacyBucketReader"]
    }
  }[var.access_profile]

  # implicit-dirs: objects written by the API have no folder objects. metadata-cache-ttl-secs: how long the mount may show the past; it is below
  # ModelCache:Mount:LagTimeout (90 s). uid, gid: the user of the image.
  mount_options = ["implicit-dirs=true", "metadata-cache-ttl-secs=60", "uid=1654", "gid=1654"]

  # The same for the service and the job. Names with two underscores are settings of the section ModelCache.
  environment = merge(
    {
      OLLAMA_MODELS                       = "${local.mount_path}/ollama"
      SENTENCE_TRANSFORMERS_HOME          = "${local.mount_path}/sbert"
      HUGGINGFACE_HUB_CACHE               = "${local.mount_path}/sbert"
      GOOGLE_CLOUD_PROJECT                = var.project_id # In the trace of each log line.
      MODEL_CACHE_PATH                    = local.mount_path
      ModelCache__Retention__Keep         = tostring(var.retention_keep)
      ModelCache__Mount__StopHostWhenDead = "true"
    },
    merge([
      for i, model in var.models : {
        "ModelCache__Models__${i}__Name"   = model.name
        "ModelCache__Models__${i}__Kind"   = model.kind
        "ModelCache__Models__${i}__Source" = model.source
      }
    ]...),
    local.signing_environment,
  )

  # A bucket without a shared volume is refused at the start: that would be a mistake elsewhere.
  bucket_environment = {
    ModelCache__Bucket       = local.bucket_name
    ModelCache__Verification = "Metadata"
  }

  service_environment = merge(local.environment, {
    SHARED_MODEL_VOLUME_ENABLED           = tostring(var.shared_volume_enabled)
    ModelCache__StartupDeadline           = "00:03:45"
    ModelCache__PullWhenStale             = tostring(var.pull_when_stale)
    ModelCache__FallbackToPreviousVersion = "true"
  }, var.shared_volume_enabled ? local.bucket_environment : {}, var.pull_when_stale ? local.signer_environment : {})

  sync_environment = merge(local.environment, local.bucket_environment, {
    MODEL_SYNC_MODE             = "1"
    SHARED_MODEL_VOLUME_ENABLED = "true" # Whatever the service does: the bucket is seeded before the toggle is turned on.
  }, local.signer_environment)
}
