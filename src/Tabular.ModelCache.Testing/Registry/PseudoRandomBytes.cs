using System.Numerics;
using System.Runtime.InteropServices;

namespace Tabular.ModelCache.Testing;

/// <summary>Bytes that depend on a seed and a position alone, so that any range costs only its length.</summary>
/// <remarks>
/// Each 32-bit word is its index, keyed and mixed by two multiplications: no state goes from one word to the next, so that whole vectors
/// are made at once. Only 32-bit operations are used, because AVX2 has no multiplication of 64-bit lanes.
/// </remarks>
internal static class PseudoRandomBytes
{
    private const uint First = 0x7feb352d;
    private const uint Second = 0x846ca68b;

    /// <summary>After so many bytes the index of a word would need more than 32 bits; the next segment has keys of its own.</summary>
    private const int SegmentBits = 34;

    /// <summary>Fills a span with the bytes from a position on.</summary>
    public static void Fill(ulong seed, long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var segment = position >> SegmentBits;
            var offset = position - (segment << SegmentBits);
            var count = (int)Math.Min(destination.Length, (1L << SegmentBits) - offset);
            var key = Scramble(Scramble(seed) ^ (ulong)segment);
            FillSegment((uint)key, (uint)(key >> 32), offset, destination[..count]);
            position += count;
            destination = destination[count..];
        }
    }

    private static void FillSegment(uint key, uint tweak, long offset, Span<byte> destination)
    {
        var index = (uint)(offset >> 2);
        if ((int)(offset & 3) is > 0 and var inside)
        {
            var count = Math.Min(destination.Length, sizeof(uint) - inside);
            CopyWord(Mix(index++, key, tweak), inside, destination[..count]);
            destination = destination[count..];
        }

        var words = MemoryMarshal.Cast<byte, uint>(destination);
        var done = FillVectors(key, tweak, index, words);
        for (; done < words.Length; done++)
        {
            words[done] = Mix(index + (uint)done, key, tweak);
        }

        var rest = destination[(words.Length * sizeof(uint))..];
        if (rest.Length > 0)
        {
            CopyWord(Mix(index + (uint)words.Length, key, tweak), 0, rest);
        }
    }

    private static int FillVectors(uint key, uint tweak, uint index, Span<uint> words)
    {
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(words);
        var keys = new Vector<uint>(key);
        var tweaks = new Vector<uint>(tweak);
        var step = new Vector<uint>((uint)Vector<uint>.Count);
        var indices = new Vector<uint>(index) + Vector<uint>.Indices;
        for (var i = 0; i < vectors.Length; i++)
        {
            var x = indices ^ keys;
            x = (x ^ (x >>> 16)) * First;
            x += tweaks;
            x = (x ^ (x >>> 15)) * Second;
            vectors[i] = x ^ (x >>> 16);
            indices += step;
        }

        return vectors.Length * Vector<uint>.Count;
    }

    private static uint Mix(uint index, uint key, uint tweak)
    {
        var x = index ^ key;
        x = (x ^ (x >> 16)) * First;
        x += tweak;
        x = (x ^ (x >> 15)) * Second;
        return x ^ (x >> 16);
    }

    private static void CopyWord(uint word, int inside, Span<byte> destination) =>
        MemoryMarshal.AsBytes(new Span<uint>(ref word)).Slice(inside, destination.Length).CopyTo(destination);

    private static ulong Scramble(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9 + 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
