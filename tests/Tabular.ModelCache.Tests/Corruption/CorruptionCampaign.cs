using System.Collections.Concurrent;
using System.Globalization;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>
/// Runs the campaign once for all tests: 1,500 corruptions, or 20,000 with <c>MODEL_CACHE_TESTS_FULL=1</c>, or as many as
/// <c>CORRUPTION_CASES</c> says from <c>CORRUPTION_FIRST_SEED</c> on. Each is one corruption of a fresh copy of the published bucket, on
/// which an instance of each setting is started. A seed chooses the kind, in turns, and all that is random in it; only the signatures'
/// bytes differ from run to run, as ECDSA has it.
/// </summary>
public sealed class CorruptionCampaign : IAsyncLifetime
{
    internal const string FirstSeedVariable = "CORRUPTION_FIRST_SEED";
    internal const string CasesVariable = "CORRUPTION_CASES";

    private static readonly int DefaultCases = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1" ? 20_000 : 1500;

    // Directories are changed in place.
    private readonly SemaphoreSlim _directory = new(1);
    private readonly ConcurrentDictionary<(CorruptionKind Kind, CampaignSetting Setting, Verdict Verdict), int> _verdicts = new();
    private readonly ConcurrentQueue<CampaignFailure> _failures = new();

    internal static IReadOnlyList<CorruptionKind> Kinds { get; } =
    [
        CorruptionKind.Of("nothing, for comparison", CorruptionPlace.Store, _ => Task.FromResult<string[]>([])),
        .. ContentCorruptions.All,
        .. ManifestCorruptions.All,
        .. DocumentCorruptions.Manifest,
        .. SignatureCorruptions.All,
        .. DocumentCorruptions.Signature,
        .. LinkCorruptions.All,
    ];

    internal int FirstSeed { get; } = Setting(FirstSeedVariable, 1);

    internal int Cases { get; } = Setting(CasesVariable, DefaultCases);

    /// <summary>Whether all kinds were run, so that there is a table.</summary>
    internal bool IsComplete => FirstSeed == 1 && Cases >= DefaultCases;

    internal IEnumerable<CampaignFailure> Failures => _failures.OrderBy(f => f.Seed);

    internal int Count(CorruptionKind kind, CampaignSetting setting, Verdict verdict) => _verdicts.GetValueOrDefault((kind, setting, verdict));

    public async ValueTask InitializeAsync()
    {
        using var buckets = await PublishedBuckets.CreateAsync();
        await Parallel.ForAsync(FirstSeed, FirstSeed + Cases, async (seed, _) =>
        {
            var kind = Kinds[(seed - 1) % Kinds.Count];
            var isDirectory = kind.Place == CorruptionPlace.Directory;
            if (isDirectory)
            {
                await _directory.WaitAsync(CancellationToken.None);
            }

            try
            {
                await RunAsync(buckets, seed, kind, isDirectory ? buckets.Folder : buckets.Main);
            }
            finally
            {
                if (isDirectory)
                {
                    _directory.Release();
                }
            }
        });
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(PublishedBuckets buckets, int seed, CorruptionKind kind, SignedBucket published)
    {
        using var bucket = await kind.CorruptAsync(buckets, new Random(seed));
        var minimum = kind.KnowsSequence ? ManifestJson.Parse(published.Newest, VersionFiles.Manifest).Sequence : 0;
        foreach (var setting in CampaignSetting.All)
        {
            try
            {
                var (verdict, reason) = await CampaignInstance.StartAsync(bucket, published, setting, minimum);
                _verdicts.AddOrUpdate((kind, setting, verdict), 1, (_, count) => count + 1);
                if (Judge(bucket, kind, setting, verdict, reason) is { } wrong)
                {
                    _failures.Enqueue(new CampaignFailure(seed, kind, setting, wrong));
                }
            }
            catch (Exception e)
            {
                _failures.Enqueue(new CampaignFailure(seed, kind, setting, $"undeclared exception {e}"));
            }
        }
    }

    private static string? Judge(CorruptedBucket bucket, CorruptionKind kind, CampaignSetting setting, Verdict verdict, string? reason) => verdict switch
    {
        Verdict.Corrupted when setting is { HasKeys: true, Level: VerificationLevel.Content } => "corrupted files are served.",
        Verdict.Corrupted when setting is { HasKeys: true, Level: VerificationLevel.Metadata } && kind.Place != CorruptionPlace.Mount =>
            "files are served whose corruption the store can see.",
        Verdict.Refused when !bucket.Suspects.Any(s => reason!.Contains(s, StringComparison.Ordinal)) =>
            $"the refusal names none of {string.Join(", ", bucket.Suspects)}: {reason}",
        _ => null,
    };

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
