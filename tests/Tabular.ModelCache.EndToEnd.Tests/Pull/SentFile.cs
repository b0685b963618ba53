using System.Net.Http.Headers;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>A file of which a registry sent bytes: how many in all, and the ranges of its answers in the order of the file.</summary>
/// <param name="File">The path that the registry knows it by.</param>
/// <param name="Bytes">The bytes of all answers.</param>
/// <param name="Ranges">First and last byte of each range that was asked for; the last is <see langword="null"/> where the whole was.</param>
internal sealed record SentFile(string File, long Bytes, IReadOnlyList<(long First, long? Last)> Ranges)
{
    /// <summary>The files of a log by path. A redirect to a file sends nothing of it.</summary>
    public static IReadOnlyDictionary<string, SentFile> Find(IEnumerable<ModelRegistryRequestRecord> requests) => requests
        .Where(IsContent)
        .GroupBy(r => r.Request.File!, StringComparer.Ordinal)
        .ToDictionary(
            g => g.Key,
            g => new SentFile(g.Key, g.Sum(r => r.BytesSent), [.. g.Select(r => RangeOf(r.Request)).Order()]),
            StringComparer.Ordinal);

    public static bool IsContent(ModelRegistryRequestRecord record) =>
        record is { Request: { Operation: "cdn" or "hub.resolve" or "ollama.blob", File: not null }, Status: 0 or 200 or 206 };

    /// <summary>Fails unless each file was sent once and nothing else was.</summary>
    public static void ShouldAllBeSentOnce(IReadOnlyList<ModelRegistryRequestRecord> requests, IReadOnlyList<GeneratedFile> files)
    {
        requests.Should().NotContain(r => r.Request.Target.Contains("onnx", StringComparison.Ordinal));

        // What tells which files are needed is read for that once, before it is pulled as one of them.
        var document = requests.First(r => IsContent(r) && r.Request.File == "modules.json");
        var sent = Find(requests.Where(r => r != document));
        sent.Keys.Should().BeEquivalentTo(files.Select(f => f.Path));
        foreach (var file in files)
        {
            sent[file.Path].ShouldBeSentOnce(file.Size);
        }
    }

    /// <summary>Fails unless the ranges cover the file without overlapping, and their bytes were all that was sent.</summary>
    public void ShouldBeSentOnce(long size)
    {
        var next = 0L;
        foreach (var (first, last) in Ranges)
        {
            first.Should().Be(next, "'{0}' is sent without a gap and without a byte twice: {1}", File, string.Join(", ", Ranges));
            next = (last ?? size - 1) + 1;
        }

        next.Should().Be(size, "'{0}' is sent to its end", File);
        Bytes.Should().Be(size, "of '{0}' no byte is sent twice", File);
    }

    private static (long First, long? Last) RangeOf(ModelRegistryRequest request)
    {
        if (request.Range is null)
        {
            return (0, null);
        }

        var range = RangeHeaderValue.Parse(request.Range).Ranges.Should().ContainSingle().Subject;
        return (range.From!.Value, range.To);
    }
}
