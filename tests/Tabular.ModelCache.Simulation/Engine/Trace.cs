using System.Globalization;

namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>What has happened: always as a digest, by which two runs of a seed are compared, and as text on request.</summary>
internal sealed class Trace(TextWriter? writer)
{
    private const ulong Prime = 1099511628211;

    public ulong Digest { get; private set; } = 14695981039346656037;

    public bool IsVerbose => writer is not null;

    public void Note(long ticks, int process, string text)
    {
        var digest = (Digest ^ (ulong)ticks) * Prime;
        digest = (digest ^ (ulong)process) * Prime;
        foreach (var c in text)
        {
            digest = (digest ^ c) * Prime;
        }

        Digest = digest;
        Say(ticks, process, text);
    }

    /// <summary>Adds a line that is for people only.</summary>
    public void Say(long ticks, int process, string text) =>
        writer?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ticks / (double)TimeSpan.TicksPerSecond,11:0.0000} p{process,-3} {text}"));
}
