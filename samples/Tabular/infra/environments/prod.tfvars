# terraform apply -var-file=environments/prod.tfvars
project_id     = "my-project"
environment    = "prod"
image          = "europe-west1-docker.pkg.dev/my-project/tabular/tabular:1.0.0"
access_profile = "least_privilege"
min_instances  = 1
max_instances  = 10

notification_channels = []
