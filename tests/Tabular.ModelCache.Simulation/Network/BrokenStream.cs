using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>The content of an object whose connection breaks at once.</summary>
internal sealed class BrokenStream(string name) : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromException<int>(new ObjectStoreException(ObjectStoreError.Unavailable, $"The connection broke while {name} was read.", name));
}
