using Tabular.Children;

namespace Tabular.Sample.Tests.Support;

/// <summary>Answers as it is told, or never.</summary>
internal sealed class FakeProbe : IChildProbe
{
    public bool Answers { get; set; } = true;

    /// <summary>Whether a question stays open until whoever asked gives up.</summary>
    public bool Hangs { get; set; }

    public async Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken)
    {
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return Answers;
    }
}
