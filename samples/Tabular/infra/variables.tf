variable "project_id" {
  description = "Project of the bucket, the service and the job."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is 6 to 30 lower case letters, digits and hyphens; see `gcloud projects list`."
  }
}

variable "region" {
  description = "Region of everything. Bucket and service belong into one region: reads across regions are slow and billed."
  type        = string
  default     = "europe-west1"
}

variable "environment" {
  description = "Which deployment this is. Each has a bucket, accounts, a service and a job of its own; only prod has them without a suffix."
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment is 2 to 10 lower case letters and digits, such as prod or staging."
  }
}

variable "image" {
  description = "Image of the service and of the job, built from docker/Dockerfile.tabular. Best with a digest (NAME@sha256:...)."
  type        = string

  validation {
    condition     = can(regex("(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image ends with a tag other than latest, or with a digest: otherwise a restart may run another program."
  }
}

variable "bucket_name" {
  description = "Name of the bucket, for names that are taken already. Null: tabular-model-cache, with the environment as a suffix unless it is prod."
  type        = string
  default     = null
}

variable "models" {
  description = "The models that are wanted."
  type = list(object({
    name   = string
    kind   = string
    source = string
  }))
  default = [
    { name = "llama3.2-1b", kind = "ollama", source = "ollama://llama3.2:1b" },
    { name = "bge-m3", kind = "sbert", source = "hf://BAAI/bge-m3" },
  ]

  validation {
    condition     = length(var.models) > 0 && alltrue([for m in var.models : contains(["ollama", "sbert"], m.kind)])
    error_message = "models has at least one model, and each kind is ollama or sbert."
  }
}

variable "shared_volume_enabled" {
  description = "The toggle. False: each instance downloads the models at each start, into memory of its own: give it 16Gi then. The job always works on the bucket."
  type        = bool
  default     = true
}

variable "pull_when_stale" {
  description = "Whether a start may download a model that is not in the bucket. False: only the job does, and the service needs no right to write."
  type        = bool
  default     = true
}

variable "access_profile" {
  description = "ordered: storage.objectAdmin for the service, storage.admin for the job. least_privilege: see local.bucket_roles."
  type        = string
  default     = "ordered"

  validation {
    condition     = contains(["ordered", "least_privilege"], var.access_profile)
    error_message = "access_profile is ordered or least_privilege."
  }
}

variable "min_instances" {
  description = "Instances that are always there."
  type        = number
  default     = 1

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances
    error_message = "min_instances is from 0 to max_instances."
  }
}

variable "max_instances" {
  description = "Most instances at one time."
  type        = number
  default     = 10

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100
    error_message = "max_instances is from 1 to 100."
  }
}

variable "cpu" {
  description = "Virtual CPUs of an instance: 4, 6 or 8. Models of this size do not answer in time on fewer."
  type        = string
  default     = "4"

  validation {
    condition     = contains(["4", "6", "8"], var.cpu)
    error_message = "cpu is 4, 6 or 8."
  }
}

variable "memory" {
  description = "Memory of an instance. Both models in memory (3.6 GB), the mount's buffers, and what requests need."
  type        = string
  default     = "8Gi"

  validation {
    condition     = can(regex("^[0-9]+Gi$", var.memory)) && try(tonumber(trimsuffix(var.memory, "Gi")), 0) >= 6
    error_message = "memory is at least 6Gi, in whole Gi."
  }
}

variable "sync_schedule" {
  description = "When the sync job runs, in cron's notation. Null: never by itself."
  type        = string
  default     = "0 2 * * *"
  nullable    = true

  validation {
    condition     = var.sync_schedule == null || can(regex("^\\S+ \\S+ \\S+ \\S+ \\S+$", var.sync_schedule))
    error_message = "sync_schedule has five fields, such as 0 2 * * *, or is null."
  }
}

variable "sync_time_zone" {
  description = "Time zone of sync_schedule, a name of the IANA database."
  type        = string
  default     = "Etc/UTC"
}

variable "retention_keep" {
  description = "Versions that are kept of each model."
  type        = number
  default     = 3

  validation {
    condition     = var.retention_keep >= 1 && var.retention_keep <= 20 && floor(var.retention_keep) == var.retention_keep
    error_message = "retention_keep is a whole number from 1 to 20."
  }
}

variable "soft_delete_days" {
  description = "Days for which what was deleted can be restored, and is billed: 0, or 7 to 90."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "soft_delete_days is 0, which turns soft delete off, or from 7 to 90: Cloud Storage allows nothing else."
  }
}

variable "noncurrent_days" {
  description = "Days for which older generations of an object are kept. It is manifest.json that has them: models are deleted with their generation."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days is at least 1."
  }
}

variable "staging_days" {
  description = "Days after which staging that nobody came back for is deleted. The sync job removes it sooner."
  type        = number
  default     = 7

  validation {
    condition     = var.staging_days >= 2
    error_message = "staging_days is at least 2: a pull that runs must never lose what it has staged."
  }
}

variable "hierarchical_namespace" {
  description = "Folders that are real. Such a bucket cannot have object versioning, and the choice is made once, when it is created."
  type        = bool
  default     = false
}

variable "cmek_key_name" {
  description = "Customer-managed key that encrypts the bucket: projects/P/locations/L/keyRings/R/cryptoKeys/K, in the bucket's region. Null: Google's keys."
  type        = string
  default     = null

  validation {
    condition     = var.cmek_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.cmek_key_name))
    error_message = "cmek_key_name is projects/P/locations/L/keyRings/R/cryptoKeys/K."
  }
}

variable "signing_enabled" {
  description = "Whether manifests and versions are signed by a key of Cloud KMS, and instances believe no others. Read docs/ROLLOUT.md before turning it on for a bucket in use."
  type        = bool
  default     = false
}

variable "signing_protection_level" {
  description = "Where the signing key lives: SOFTWARE or HSM."
  type        = string
  default     = "SOFTWARE"

  validation {
    condition     = contains(["SOFTWARE", "HSM"], var.signing_protection_level)
    error_message = "signing_protection_level is SOFTWARE or HSM."
  }
}

variable "signing_key_version" {
  description = "Version of the signing key that signs. Asymmetric keys do not rotate by themselves."
  type        = number
  default     = 1
}

variable "trusted_public_keys" {
  description = "Further public keys that instances trust, as PEM texts; the key before, while keys are rotated."
  type        = list(string)
  default     = []
}

variable "invokers" {
  description = "Who may call the service, such as group:people@example.com. Nobody by default."
  type        = list(string)
  default     = []
}

variable "notification_channels" {
  description = "Names of the notification channels of the alerts: projects/P/notificationChannels/N."
  type        = list(string)
  default     = []
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service, the job, and a bucket that is not empty."
  type        = bool
  default     = true
}
