namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the container has the memory that a pull takes.</summary>
internal sealed class MemoryCheck : IDoctorCheck
{
    // 20 MiB for large files, the runtime, and what gcsfuse takes of the same limit: 64 MiB for one file that is read.
    private const long Needed = 256L << 20;

    public string Name => "memory";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

    public Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (context.Surroundings.MemoryLimit() is { } limit && limit < Needed)
        {
            findings.Warning(
                "memory-limit-low",
                $"the memory limit is {limit >> 20} MiB; pulling and reading take up to {Needed >> 20} MiB, and gcsfuse counts against the same limit on Cloud Run: a mount whose process ends is dead",
                "raise the limit (gcloud run services update SERVICE --memory=1Gi)");
        }

        return Task.CompletedTask;
    }
}
