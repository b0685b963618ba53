using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Against one program that hashes the large file through the same mount.</summary>
internal sealed class ContentAgainstSha256Sum(Lab lab) : IBenchmarkRow
{
    public string Name => "verify-content-sha256sum";

    public string Ours => "`model-cache verify --level Content`, through a FUSE mount";

    public string Against => "`sha256sum FILE`, same mount";

    public long Bytes => lab.Options.Bytes;

    public string? Missing => InstalledProgram.FindMissing("rclone", "fusermount3", "sha256sum");

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) =>
        await (await lab.GetMountedModelAsync(isSmall: false, cancellationToken)).VerifyAsync("Content", cancellationToken);

    public async Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken)
    {
        var model = await lab.GetMountedModelAsync(isSmall: false, cancellationToken);
        var expected = Path.GetFileName(model.LargeFile)["sha256-".Length..];
        var command = new Command("sha256sum", [model.LargeFile], lab.CreateFolder("sha256sum"));
        var (measurement, output) = await lab.MeasureAsync(command, cancellationToken);
        return output.StartsWith(expected, StringComparison.Ordinal)
            ? measurement
            : throw new BenchmarkException($"'{command}' should print {expected}, but printed '{output.Trim()}'.");
    }
}
