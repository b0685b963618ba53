using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>The locks of the shards of one change. They end with the process, however it ends.</summary>
internal sealed class HeldLocks : IDisposable
{
    private const int NumberLength = 19;

    private readonly List<(byte Shard, SafeFileHandle File, SemaphoreSlim Gate)> _locks = [];

    public void Add(byte shard, SafeFileHandle file, SemaphoreSlim gate) => _locks.Add((shard, file, gate));

    /// <summary>Reads the highest generation that was given to any object of the shard.</summary>
    /// <param name="shard">A shard that is held.</param>
    /// <returns>The generation; 0 when none is recorded.</returns>
    public long ReadLastGeneration(byte shard)
    {
        Span<byte> bytes = stackalloc byte[NumberLength];
        var read = RandomAccess.Read(FileOf(shard), bytes, 0);
        return long.TryParse(bytes[..read], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
    }

    /// <summary>Records a generation before it is given, so that it is not given again after the object is gone.</summary>
    /// <param name="shard">A shard that is held.</param>
    /// <param name="generation">The generation.</param>
    public void RecordGeneration(byte shard, long generation)
    {
        if (generation > ReadLastGeneration(shard))
        {
            // A fixed width, so that one short write replaces all of it.
            RandomAccess.Write(FileOf(shard), Encoding.ASCII.GetBytes(generation.ToString($"D{NumberLength}", CultureInfo.InvariantCulture)), 0);
        }
    }

    public void Dispose()
    {
        foreach (var (_, file, gate) in _locks)
        {
            file.Dispose();
            gate.Release();
        }

        _locks.Clear();
    }

    private SafeFileHandle FileOf(byte shard) => _locks.First(held => held.Shard == shard).File;
}
