using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Against a download that is hashed and goes nowhere: what the source and SHA-256 alone cost.</summary>
internal sealed class PullAgainstCurl(Lab lab) : IBenchmarkRow
{
    private readonly PullAndPublish _ours = new(lab);

    public string Name => "pull-and-publish-curl";

    public string Ours => PullAndPublish.Description;

    public string Against => "`curl -sL URL \\| sha256sum`";

    public long Bytes => lab.Options.Bytes;

    public string? Missing => InstalledProgram.FindMissing("sh", "curl", "sha256sum");

    public Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) => _ours.MeasureAsync(cancellationToken);

    public async Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken)
    {
        var registry = await lab.GetRegistryAsync(cancellationToken);
        var command = new Command("sh", ["-c", "curl -sL \"$1\" | sha256sum", "sh", registry.Hello.LargeFile.AbsoluteUri], lab.CreateFolder("curl"));
        var (measurement, output) = await lab.MeasureAsync(command, cancellationToken);
        return output.StartsWith(registry.Hello.Sha256, StringComparison.Ordinal)
            ? measurement with { PeakBytes = null }
            : throw new BenchmarkException($"'{command}' should print {registry.Hello.Sha256}, but printed '{output.Trim()}'.");
    }
}
