using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Against reading the large file through the same mount and doing nothing with it.</summary>
internal sealed class ContentAgainstCat(Lab lab) : IBenchmarkRow
{
    public string Name => "verify-content-cat";

    public string Ours => "`model-cache verify --level Content`, through a FUSE mount";

    public string Against => "`cat FILE > /dev/null`, same mount";

    public long Bytes => lab.Options.Bytes;

    public string? Missing => InstalledProgram.FindMissing("rclone", "fusermount3", "sh", "cat");

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) =>
        await (await lab.GetMountedModelAsync(isSmall: false, cancellationToken)).VerifyAsync("Content", cancellationToken);

    public async Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken)
    {
        var model = await lab.GetMountedModelAsync(isSmall: false, cancellationToken);
        return (await lab.MeasureAsync(
            new Command("sh", ["-c", "cat \"$1\" > /dev/null", "sh", model.LargeFile], lab.CreateFolder("cat")), cancellationToken)).Measurement;
    }
}
