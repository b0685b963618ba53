terraform {
  # 1.11: mocks that answer while a plan is made (tests/).
  required_version = ">= 1.11"

  required_providers {
    google = {
      source = "hashicorp/google"
      # 7.5: mount options of a Cloud Storage volume. 7.19: readiness probes.
      version = ">= 7.19, < 8.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}
