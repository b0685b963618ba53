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
            // Unlike a delay, it goes on inside of the call that cancels it.
            var asked = new TaskCompletionSource();
            await using var given = cancellationToken.Register(() => asked.TrySetCanceled(cancellationToken));
            await asked.Task;
        }

        return Answers;
    }
}
