using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether there is a manifest that can be used, and whether it has what is wanted.</summary>
internal sealed class ManifestCheck : IDoctorCheck
{
    public string Name => "manifest";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(45);

    /// <summary>What to do about a manifest that no trusted key has signed.</summary>
    public static string Untrusted(DoctorContext context) =>
        $"restore the manifest that was signed, add its key to {context.Path.Key("Signing:TrustedKeys")}, or have it signed by model-cache sync (docs/signing.md)";

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        var manifest = await context.ReadManifestAsync().ConfigureAwait(false);
        var entered = await context.EnterAsync().ConfigureAwait(false);
        if (manifest.Failure is ModelCacheException unreadable && (context.Store is not null || entered.Failure is null))
        {
            if (unreadable.IsDistrust)
            {
                findings.Error("manifest-not-trusted", unreadable.Message, Untrusted(context));
                return;
            }

            findings.Error("manifest-unreadable", unreadable.Message, "restore an older generation of manifest.json, update the package, or publish again with model-cache sync");
            return;
        }

        if (manifest.Value is not { } snapshot)
        {
            return;
        }

        var stale = context.MayPull ? FindingSeverity.Warning : FindingSeverity.Error;
        var willPull = context.MayPull ? "; the next start pulls it" : "; starts fail";
        if (snapshot.Manifest.Models.Count == 0)
        {
            // The mount shows one, or something was published without one: that is another finding's cause.
            findings.Add(new Finding(
                "missing-manifest",
                stale,
                $"{context.Store?.DisplayName ?? context.Mount.Root} has no manifest.json, or one without models: nothing was published yet{willPull}",
                "run model-cache sync"));
            return;
        }

        foreach (var model in context.Models)
        {
            var fresh = Freshness.Of(model, snapshot.Entry(model.Name));
            if (fresh.Failure is { } failure)
            {
                findings.Error("wanted-version-missing", failure, "pin a kept version (model-cache status lists them), or remove the pin");
            }
            else if (fresh.Stale is { } reason)
            {
                findings.Add(new Finding("model-not-published", stale, reason + willPull, $"run model-cache sync --model {model.Name}"));
            }
        }
    }
}
