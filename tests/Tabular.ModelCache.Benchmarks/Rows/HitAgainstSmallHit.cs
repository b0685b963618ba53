using System.Globalization;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Against the same verification of a model with a hundredth of the bytes: how much it depends on them.</summary>
internal sealed class HitAgainstSmallHit(Lab lab, string level) : IBenchmarkRow
{
    public string Name => $"verify-{level.ToLowerInvariant()}-small";

    public string Ours => $"`model-cache verify --level {level}`, through a FUSE mount";

    public string Against => string.Create(CultureInfo.InvariantCulture, $"the same of a model with 1/{RegistryServing.SmallShare} of the bytes");

    public long Bytes => lab.Options.Bytes;

    public string? Missing => InstalledProgram.FindMissing("rclone", "fusermount3");

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) =>
        await (await lab.GetMountedModelAsync(isSmall: false, cancellationToken)).VerifyAsync(level, cancellationToken);

    public async Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken) =>
        await (await lab.GetMountedModelAsync(isSmall: true, cancellationToken)).VerifyAsync(level, cancellationToken);
}
