using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>A mount whose process does not answer.</summary>
internal sealed class HangingMount : IModelMount
{
    private readonly TaskCompletionSource<byte[]?> _never = new();

    public string Root => "/models";

    public Task CheckAsync(CancellationToken cancellationToken) => _never.Task;

    public Task ProbeAsync(CancellationToken cancellationToken) => _never.Task;

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) => _never.Task;

    public Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken) =>
        new TaskCompletionSource<IReadOnlyDictionary<string, long>?>().Task;

    public Stream OpenRead(string path) => throw new IOException("The mount hangs.");
}
