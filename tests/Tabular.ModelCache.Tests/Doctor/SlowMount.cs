using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>A mount on which every read of a file takes a second of the stopwatch.</summary>
internal sealed class SlowMount(IModelMount inner, FakeTimeProvider clock) : IModelMount
{
    public string Root => inner.Root;

    public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) => inner.ReadAsync(path, limit, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken) =>
        inner.ListAsync(folder, cancellationToken);

    public Stream OpenRead(string path)
    {
        using var file = inner.OpenRead(path);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return new SlowStream(bytes, clock);
    }

    private sealed class SlowStream(byte[] bytes, FakeTimeProvider clock) : MemoryStream(bytes, writable: false)
    {
        public override int Read(Span<byte> buffer)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return base.Read(buffer);
        }
    }
}
