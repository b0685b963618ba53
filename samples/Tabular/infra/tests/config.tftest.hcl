# What the plan of production says is what tabular-config.yaml says. Nothing is created and no account is needed: `terraform init && terraform test`.

mock_provider "google" {
  override_during = plan
}

override_resource {
  target          = google_service_account.service
  override_during = plan
  values          = { email = "tabular@my-project.iam.gserviceaccount.com" }
}

override_resource {
  target          = google_service_account.sync
  override_during = plan
  values          = { email = "tabular-model-sync@my-project.iam.gserviceaccount.com" }
}

variables {
  project_id = "my-project"
  image      = "europe-west1-docker.pkg.dev/my-project/tabular/tabular:1.0.0"
}

run "service_is_that_of_the_yaml" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["OLLAMA_MODELS", "SENTENCE_TRANSFORMERS_HOME", "HUGGINGFACE_HUB_CACHE", "MODEL_CACHE_PATH", "SHARED_MODEL_VOLUME_ENABLED"],
      [for e in google_cloud_run_v2_service.tabular.template[0].containers[0].env : e.name],
    )) == 0
    error_message = "A variable that every deployment needs is missing."
  }

  assert {
    condition = jsonencode({
      for e in google_cloud_run_v2_service.tabular.template[0].containers[0].env : e.name => e.value
      }) == jsonencode({
      for e in yamldecode(split("\n---\n", file("tabular-config.yaml"))[0]).spec.template.spec.containers[0].env : e.name => e.value
    })
    error_message = "The environment of the service differs: ${jsonencode({ for e in google_cloud_run_v2_service.tabular.template[0].containers[0].env : e.name => e.value })}"
  }

  assert {
    condition = alltrue([for probe in ["startup", "liveness", "readiness"] : [
      for p in {
        startup   = google_cloud_run_v2_service.tabular.template[0].containers[0].startup_probe
        liveness  = google_cloud_run_v2_service.tabular.template[0].containers[0].liveness_probe
        readiness = google_cloud_run_v2_service.tabular.template[0].containers[0].readiness_probe
      }[probe] : jsonencode([p.period_seconds, p.timeout_seconds, p.failure_threshold, p.http_get[0].path, p.http_get[0].port])
      ][0] == [
      for p in [yamldecode(split("\n---\n", file("tabular-config.yaml"))[0]).spec.template.spec.containers[0]["${probe}Probe"]] :
      jsonencode([p.periodSeconds, p.timeoutSeconds, p.failureThreshold, p.httpGet.path, p.httpGet.port])
    ][0]])
    error_message = "A probe of the service differs."
  }

  assert {
    condition = [
      for t in google_cloud_run_v2_service.tabular.template : jsonencode({
        name        = google_cloud_run_v2_service.tabular.name
        location    = google_cloud_run_v2_service.tabular.location
        gen2        = t.execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
        boost       = t.containers[0].resources[0].startup_cpu_boost
        throttling  = t.containers[0].resources[0].cpu_idle
        scale       = [t.scaling[0].min_instance_count, t.scaling[0].max_instance_count]
        account     = t.service_account
        concurrency = t.max_instance_request_concurrency
        timeout     = t.timeout
        image       = t.containers[0].image
        port        = t.containers[0].ports[0].container_port
        limits      = t.containers[0].resources[0].limits
        mounts      = [for m in t.containers[0].volume_mounts : [m.name, m.mount_path]]
        volumes     = [for v in t.volumes : [v.name, v.gcs[0].bucket, v.gcs[0].read_only, join(",", v.gcs[0].mount_options)]]
      })
      ] == [
      for s in [yamldecode(split("\n---\n", file("tabular-config.yaml"))[0])] : jsonencode({
        name        = s.metadata.name
        location    = s.metadata.labels["cloud.googleapis.com/location"]
        gen2        = s.spec.template.metadata.annotations["run.googleapis.com/execution-environment"] == "gen2"
        boost       = tobool(s.spec.template.metadata.annotations["run.googleapis.com/startup-cpu-boost"])
        throttling  = tobool(s.spec.template.metadata.annotations["run.googleapis.com/cpu-throttling"])
        scale       = [for a in ["minScale", "maxScale"] : tonumber(s.spec.template.metadata.annotations["autoscaling.knative.dev/${a}"])]
        account     = s.spec.template.spec.serviceAccountName
        concurrency = s.spec.template.spec.containerConcurrency
        timeout     = "${s.spec.template.spec.timeoutSeconds}s"
        image       = s.spec.template.spec.containers[0].image
        port        = s.spec.template.spec.containers[0].ports[0].containerPort
        limits      = s.spec.template.spec.containers[0].resources.limits
        mounts      = [for m in s.spec.template.spec.containers[0].volumeMounts : [m.name, m.mountPath]]
        volumes     = [for v in s.spec.template.spec.volumes : [v.name, v.csi.volumeAttributes.bucketName, v.csi.readOnly, v.csi.volumeAttributes.mountOptions]]
      })
    ]
    error_message = "The service differs in its scale, account, image, limits or volumes."
  }
}

run "job_is_that_of_the_yaml" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["OLLAMA_MODELS", "SENTENCE_TRANSFORMERS_HOME", "HUGGINGFACE_HUB_CACHE", "MODEL_CACHE_PATH", "SHARED_MODEL_VOLUME_ENABLED", "MODEL_SYNC_MODE"],
      [for e in google_cloud_run_v2_job.sync.template[0].template[0].containers[0].env : e.name],
    )) == 0
    error_message = "A variable that every deployment needs is missing."
  }

  assert {
    condition = jsonencode({
      for e in google_cloud_run_v2_job.sync.template[0].template[0].containers[0].env : e.name => e.value
      }) == jsonencode({
      for e in yamldecode(split("\n---\n", file("tabular-config.yaml"))[1]).spec.template.spec.template.spec.containers[0].env : e.name => e.value
    })
    error_message = "The environment of the job differs: ${jsonencode({ for e in google_cloud_run_v2_job.sync.template[0].template[0].containers[0].env : e.name => e.value })}"
  }

  assert {
    condition = [
      for t in google_cloud_run_v2_job.sync.template[0].template : jsonencode({
        name     = google_cloud_run_v2_job.sync.name
        location = google_cloud_run_v2_job.sync.location
        gen2     = t.execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
        tasks    = [google_cloud_run_v2_job.sync.template[0].task_count, google_cloud_run_v2_job.sync.template[0].parallelism]
        account  = t.service_account
        retries  = t.max_retries
        timeout  = t.timeout
        image    = t.containers[0].image
        limits   = t.containers[0].resources[0].limits
        mounts   = [for m in t.containers[0].volume_mounts : [m.name, m.mount_path]]
        volumes  = [for v in t.volumes : [v.name, v.gcs[0].bucket, v.gcs[0].read_only, join(",", v.gcs[0].mount_options)]]
      })
      ] == [
      for j in [yamldecode(split("\n---\n", file("tabular-config.yaml"))[1])] : jsonencode({
        name     = j.metadata.name
        location = j.metadata.labels["cloud.googleapis.com/location"]
        gen2     = j.spec.template.metadata.annotations["run.googleapis.com/execution-environment"] == "gen2"
        tasks    = [j.spec.template.spec.taskCount, j.spec.template.spec.parallelism]
        account  = j.spec.template.spec.template.spec.serviceAccountName
        retries  = j.spec.template.spec.template.spec.maxRetries
        timeout  = "${j.spec.template.spec.template.spec.timeoutSeconds}s"
        image    = j.spec.template.spec.template.spec.containers[0].image
        limits   = j.spec.template.spec.template.spec.containers[0].resources.limits
        mounts   = [for m in j.spec.template.spec.template.spec.containers[0].volumeMounts : [m.name, m.mountPath]]
        volumes  = [for v in j.spec.template.spec.template.spec.volumes : [v.name, v.csi.volumeAttributes.bucketName, v.csi.readOnly, v.csi.volumeAttributes.mountOptions]]
      })
    ]
    error_message = "The job differs in its tasks, account, image, limits or volumes."
  }
}
