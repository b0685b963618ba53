# terraform workspace select staging; terraform apply -var-file=environments/staging.tfvars
project_id          = "my-project"
environment         = "staging"
image               = "europe-west1-docker.pkg.dev/my-project/tabular/tabular:1.0.0"
min_instances       = 0
max_instances       = 3
soft_delete_days    = 0
deletion_protection = false
