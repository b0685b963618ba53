using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Against a copy of the large file alone into the same kind of bucket, without a lease, SHA-256 or manifest.</summary>
internal sealed class PullAgainstRclone(Lab lab) : IBenchmarkRow
{
    private readonly PullAndPublish _ours = new(lab);

    public string Name => "pull-and-publish-rclone";

    public string Ours => PullAndPublish.Description;

    public string Against => "`rclone copyurl URL bucket`";

    public long Bytes => lab.Options.Bytes;

    public string? Missing => InstalledProgram.FindMissing("rclone");

    public Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) => _ours.MeasureAsync(cancellationToken);

    public async Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken)
    {
        var registry = await lab.GetRegistryAsync(cancellationToken);
        var name = lab.NextName();
        var command = new Command("rclone", ["copyurl", registry.Hello.LargeFile.AbsoluteUri, $"{RcloneConfiguration.Remote}:{name}/model"], lab.CreateFolder("rclone"))
        {
            Environment = new Dictionary<string, string>
            {
                ["RCLONE_CONFIG"] = await RcloneConfiguration.WriteAsync(lab, cancellationToken),
                ["RCLONE_RETRIES"] = "1",
                ["RCLONE_LOW_LEVEL_RETRIES"] = "1",
            },
        };
        var (measurement, _) = await lab.MeasureAsync(command, cancellationToken);
        await PullAndPublish.EmptyAsync(lab, name, cancellationToken);
        return measurement;
    }
}
