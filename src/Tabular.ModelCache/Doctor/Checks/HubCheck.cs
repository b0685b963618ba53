namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>The variables of a Hugging Face reader that inherits this environment.</summary>
internal sealed class HubCheck : IDoctorCheck
{
    private static readonly string[] CacheVariables = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"];
    private static readonly string[] OfflineVariables = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"];

    public string Name => "hub";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

    public Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        var root = context.Mount.Root + "/";
        var cache = CacheVariables.FirstOrDefault(v => context.Surroundings.Variable(v) is { } value && context.Resolve(value).StartsWith(root, StringComparison.Ordinal));
        if (cache is null || context.Models.All(m => m.Kind != ModelKinds.Sbert) || OfflineVariables.Any(v => IsTrue(context.Surroundings.Variable(v))))
        {
            return Task.CompletedTask;
        }

        var isReadOnly = context.MountEntry is { } entry && (WritingCheck.IsReadOnly(entry.Options) || WritingCheck.IsReadOnly(entry.SuperOptions));
        findings.Warning(
            "hub-online",
            $"{cache} is '{context.Surroundings.Variable(cache)}' and neither {string.Join(" nor ", OfflineVariables)} is on: readers ask the Hub at each start and " +
            (isReadOnly ? "fail to write their locks and refs into the read-only mount" : "write into a version, which must never change"),
            "set HF_HUB_OFFLINE=1 and TRANSFORMERS_OFFLINE=1");
        return Task.CompletedTask;
    }

    // huggingface_hub constants.py, ENV_VARS_TRUE_VALUES.
    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
}
