using System.Buffers.Binary;
using System.IO.Hashing;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>What is known of a live object without reading its content.</summary>
/// <param name="Name">The name of the object.</param>
/// <param name="File">The identity of its file.</param>
/// <param name="Sidecar">Its metadata; <see langword="null"/> when somebody put or edited the file by hand.</param>
/// <param name="Generation">The generation, recorded or derived.</param>
internal sealed record ObjectState(string Name, FileIdentity File, Sidecar? Sidecar, long Generation)
{
    private const uint MicrosecondsOfSpread = 1 << 20;

    public long Metageneration => Sidecar?.Metageneration ?? 1;

    public static ObjectState Known(string name, Sidecar sidecar) => new(name, sidecar.File, sidecar, sidecar.Generation);

    /// <summary>Describes a file that no sidecar belongs to.</summary>
    /// <remarks>
    /// Every process must give it the same generation without writing anything, so the generation is a function of the file's
    /// identity and of the outdated sidecar alone. It lies above the outdated one, and at about the time of the file's change. The
    /// spread by a hash, one second wide, tells two edits apart that left the same time but another size.
    /// </remarks>
    public static ObjectState Foreign(string name, FileIdentity file, Sidecar? outdated)
    {
        Span<byte> identity = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(identity, file.Size);
        BinaryPrimitives.WriteInt64LittleEndian(identity[sizeof(long)..], file.ModifiedTicks);
        var modified = (file.ModifiedTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var floor = Math.Max(Math.Max(modified, 0), outdated?.Generation ?? 0);
        return new(name, file, null, floor + 1 + (XxHash32.HashToUInt32(identity) % MicrosecondsOfSpread));
    }

    /// <summary>Describes the live version for a caller.</summary>
    /// <param name="crc32C">The checksum of the content, for a file without a sidecar.</param>
    public StoredObject ToStoredObject(uint crc32C) => Sidecar?.ToStoredObject() ?? new StoredObject
    {
        Name = Name,
        Generation = Generation,
        Metageneration = 1,
        Size = File.Size,
        Crc32C = crc32C,
        Created = new DateTimeOffset(File.ModifiedTicks, TimeSpan.Zero),
        Updated = new DateTimeOffset(File.ModifiedTicks, TimeSpan.Zero),
    };
}
