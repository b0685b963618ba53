using System.Text.Json.Nodes;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Signing;

namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>The faults that the doctor must find, each on a healthy set-up with a bucket and a mount.</summary>
internal static class SeededFaults
{
    private const FindingSeverity Error = FindingSeverity.Error;
    private const FindingSeverity Warning = FindingSeverity.Warning;

    public static Dictionary<string, SeededFault> All { get; } = new()
    {
        ["nothing mounted"] = Of("not-mounted", Error, "it lies on '/' of type overlay", h => h.MountInfo = "36 35 98:0 / / rw - overlay overlay rw\n"),
        ["another file system mounted"] = Of("wrong-mount-type", Error, "10.0.0.2:/share of type nfs4", h => h.Mount(h.Folder, "10.0.0.2:/share", "nfs4")),
        ["a file at the path"] = Of("mount-unusable", Error, "which is a file", h =>
        {
            var file = Path.Join(h.MountElsewhere(_ => false), "file");
            File.WriteAllText(file, "");
            h.Settings["ModelCache:MountPath"] = file;
        }),
        ["another bucket mounted"] = Of("wrong-bucket", Error, "a mount of 'elsewhere'", h => h.MountElsewhere(_ => false, "elsewhere")),
        ["no bucket named"] = Of("mount-read-only", Warning, "ModelCache:Bucket is not set", h => h.Settings.Remove("ModelCache:Bucket")),
        ["no bucket named and nothing there"] = new(
            "mount-read-only", Error, "a wanted model is not there",
            async h =>
            {
                h.Settings.Remove("ModelCache:Bucket");
                await h.Store.DeleteAsync(VersionFiles.Manifest);
            },
            "missing-manifest"),
        ["may not get"] = Missing("storage.objects.get"),
        ["may not list"] = Missing("storage.objects.list"),
        ["may not create"] = Missing("storage.objects.create"),
        ["may not delete"] = Missing("storage.objects.delete"),
        ["may not update"] = Missing("storage.objects.update"),
        ["may not read objects"] = Of("missing-permission", Error, "storage.objects.get", h => h.Fault = r => Refuse(r, "storage.objects.get.media")),
        ["may not look at the bucket"] = Of("missing-permission", Warning, "storage.buckets.get", h =>
        {
            h.HasPermission = p => p != "storage.buckets.get";
            h.Fault = r => Refuse(r, "storage.buckets.get");
        }),
        ["bucket does not exist"] = Of("bucket-unreachable", Error, "the bucket does not exist", h =>
        {
            h.Settings["ModelCache:Bucket"] = "nowhere";
            h.Mount(h.Folder, "nowhere");
        }),
        ["no credentials"] = Of("bucket-unreachable", Error, "401", h => h.Fault = _ => CloudStorageFault.Error(401, "authError")),
        ["store down"] = Of("bucket-unreachable", Error, "503", h => h.Fault = _ => CloudStorageFault.Error(503, "backendError")),
        ["implicit directories off"] = Of("implicit-directories-off", Error, "does not show that folder", h => h.MountElsewhere(path => path == VersionFiles.Manifest)),
        ["no .done on the mount"] = Of("missing-done", Error, ".done on the mount", h => h.MountElsewhere(path => !path.EndsWith(".done", StringComparison.Ordinal))),
        ["no .done in the store"] = new("missing-done", Error, ".done in gs://models", h => h.Store.DeleteAsync($"{h.ActivePath}/.done")),
        ["metadata kept for ever"] = Flag("metadata-ttl-too-long", Error, "metadata-cache-ttl-secs=-1", "--metadata-cache-ttl-secs", "-1"),
        ["old flag of an hour"] = Flag("metadata-ttl-too-long", Error, "stat-cache-ttl=1h0m0s", "--stat-cache-ttl=1h0m0s"),
        ["profile for serving"] = Flag("metadata-ttl-too-long", Error, "profile=aiml-serving", "--profile=aiml-serving"),
        ["option in mountinfo"] = Of("metadata-ttl-too-long", Error, "metadata-cache-ttl-secs=3600", h => h.Mount(h.Folder, superOptions: "ro,metadata_cache_ttl_secs=3600")),
        ["listings kept"] = Flag("list-cache-on", Warning, "kernel-list-cache-ttl-secs=60", "--kernel-list-cache-ttl-secs=60"),
        ["absence kept"] = Flag("absence-cache-on", Warning, "enable-nonexistent-type-cache", "--enable-nonexistent-type-cache"),
        ["folder of the mount"] = Flag("prefix-mismatch", Error, "folder 'cache'", "--only-dir=cache"),
        ["prefix without only-dir"] = new("prefix-mismatch", Error, "shows the whole bucket", async h =>
        {
            DoctorHarness.Copy(h.Folder, Path.Join(h.Folder, "cache"), _ => true);
            await h.Store.DeleteAsync(VersionFiles.Manifest);
            h.Settings["ModelCache:Prefix"] = "cache";
        }),
        ["prefix of another folder"] = Of("prefix-mismatch", Error, "the mount shows another folder", h => h.Settings["ModelCache:Prefix"] = "cache", "missing-manifest"),
        ["mount behind"] = new("mount-stale", Warning, "sequence 3", async h =>
        {
            h.MountElsewhere(_ => true);
            var manifest = await h.ReadManifestAsync();
            var next = manifest.With("demo", manifest.Models["demo"], "next");
            await h.WriteAsync(VersionFiles.Manifest, System.Text.Encoding.UTF8.GetString(ManifestJson.Serialize(next)));
        }),
        ["nothing published"] = new("missing-manifest", Warning, "gs://models has no manifest.json", h => h.Store.DeleteAsync(VersionFiles.Manifest)),
        ["manifest is not JSON"] = new("manifest-unreadable", Error, "not a valid manifest", h => h.WriteAsync(VersionFiles.Manifest, "{")),
        ["manifest of a later schema"] = new("manifest-unreadable", Error, "schemaVersion is 99", h => h.WriteAsync(VersionFiles.Manifest, """{"schemaVersion":99}""")),
        ["manifest is not signed"] = Of(
            "manifest-not-trusted", Error, "gs://models/manifest.json is not signed: signatures/", h => h.Settings["ModelCache:Signing:TrustedKeys:0"] = Vectors.PublicKey),
        ["manifest on the mount is not signed"] = new("manifest-not-trusted", Error, "/other/manifest.json is not signed", async h =>
        {
            h.MountElsewhere(_ => true);
            await h.SignManifestAsync();
        }),
        ["manifest signed by another key"] = new("manifest-not-trusted", Error, "gs://models/manifest.json is not trusted", async h =>
        {
            await h.SignManifestAsync();
            h.Settings["ModelCache:Signing:TrustedKeys:0"] = TestKey.Create().Public.Pem;
        }),
        ["pinned version gone"] = Of("wanted-version-missing", Error, "demo-2020-01-01", h => h.Settings["ModelCache:Models:0:Version"] = "demo-2020-01-01"),
        ["model not published"] = Of("model-not-published", Warning, "'third' is not in manifest.json", AddModel),
        ["model not published and not pulled"] = Of("model-not-published", Error, "starts fail", h =>
        {
            AddModel(h);
            h.Settings["ModelCache:PullWhenStale"] = "false";
        }),
        ["Ollama prunes"] = Of("ollama-noprune-unset", Warning, "OLLAMA_NOPRUNE", h => h.Variables["OLLAMA_MODELS"] = $"{h.Folder}/ollama"),
        ["Ollama looks elsewhere"] = Of("ollama-models-elsewhere", Error, "/root/.ollama/models", h =>
        {
            h.Variables["OLLAMA_MODELS"] = "/root/.ollama/models";
            h.Variables["OLLAMA_NOPRUNE"] = "1";
        }),
        ["Ollama looks at a version that is gone"] = Of(
            "ollama-models-elsewhere", Error, "with a kept version",
            h =>
            {
                h.Variables["OLLAMA_MODELS"] = $"{h.Folder}/ollama/demo-2020-01-01-000000000000";
                h.Variables["OLLAMA_NOPRUNE"] = "1";
            },
            "wanted-version-missing"),
        ["Hub online"] = Of("hub-online", Warning, "read-only mount", h => h.Variables["SENTENCE_TRANSFORMERS_HOME"] = $"{h.Folder}/sbert"),
        ["clock ahead"] = Of("clock-off", Warning, "ahead of", h => h.Clock.Skew = TimeSpan.FromMinutes(10)),
        ["clock behind"] = Of("clock-off", Warning, "behind", h => h.Clock.Skew = TimeSpan.FromMinutes(-10)),
        ["another region"] = Of("region-mismatch", Warning, "us-central1", h => h.Region = "us-central1"),
        ["another continent"] = Of("region-mismatch", Warning, "lies in US", h => h.BucketSettings["location"] = "US"),
        ["another pair"] = Of("region-mismatch", Warning, "lies in EUR4", h => h.BucketSettings["location"] = "EUR4"),
        ["no versioning"] = Of("no-versioning", Warning, "gs://models keeps no older versions", h => h.BucketSettings.Remove("versioning")),
        ["soft delete"] = Of("soft-delete-keeps-copies", Warning, "7 days", h => h.BucketSettings["softDeletePolicy"] = new JsonObject { ["retentionDurationSeconds"] = "604800" }),
        ["retention policy"] = Of("retention-policy-blocks-the-lease", Error, "30 days", h => h.BucketSettings["retentionPolicy"] = new JsonObject { ["retentionPeriod"] = "2592000" }),
        ["default hold"] = Of("retention-policy-blocks-the-lease", Error, "event-based hold", h => h.BucketSettings["defaultEventBasedHold"] = true),
        ["little memory"] = Of("memory-limit-low", Warning, "128 MiB", h => h.MemoryLimit = 128 << 20),
        ["slow mount"] = Of("slow-reads", Warning, "blobs/weights were read at", h => h.IsSlow = true),
        ["wrong setting"] = Of("setting-invalid", Error, "ModelCache:StartupDeadline", h => h.Settings["ModelCache:StartupDeadline"] = "-00:00:01"),
        ["shared volume not declared"] = Of("shared-volume-off", Error, "models of type fuse.gcsfuse", h =>
        {
            h.Settings["ModelCache:SharedVolumeEnabled"] = "false";
            h.Settings.Remove("ModelCache:Bucket");
            h.Mount(h.Folder, options: "rw", superOptions: "rw");
        }),
    };

    private static SeededFault Of(string id, FindingSeverity severity, string evidence, Action<DoctorHarness> seed, params string[] follows) =>
        new(
            id,
            severity,
            evidence,
            h =>
            {
                seed(h);
                return Task.CompletedTask;
            },
            follows);

    private static SeededFault Missing(string permission) =>
        Of("missing-permission", Error, $"lacks {permission} on gs://models", h => h.HasPermission = p => p != permission);

    private static SeededFault Flag(string id, FindingSeverity severity, string evidence, params string[] flags) =>
        Of(id, severity, evidence, h => h.CommandLines = [["/usr/bin/gcsfuse", "--implicit-dirs", .. flags, "models", h.Folder]]);

    private static CloudStorageFault? Refuse(CloudStorageRequest request, string operation) =>
        request.Operation == operation ? CloudStorageFault.Error(403, "forbidden") : null;

    private static void AddModel(DoctorHarness harness)
    {
        harness.Settings["ModelCache:Models:2:Name"] = "third";
        harness.Settings["ModelCache:Models:2:Kind"] = ModelKinds.Ollama;
        harness.Settings["ModelCache:Models:2:Source"] = "llm://third";
    }
}
