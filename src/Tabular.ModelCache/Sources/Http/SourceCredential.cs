using System.Net.Http.Headers;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>What signs requests in at the origin of a source. It is never sent to another scheme, host or port.</summary>
internal abstract class SourceCredential
{
    /// <summary>Gets what to send now; <see langword="null"/> sends nothing.</summary>
    public abstract AuthenticationHeaderValue? Current { get; }

    /// <summary>Reacts to a 401.</summary>
    /// <param name="refused">The answer.</param>
    /// <param name="sent">What the refused request carried.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Whether <see cref="Current"/> is another one now, so that asking once more makes sense.</returns>
    public virtual ValueTask<bool> TryRenewAsync(
        HttpResponseMessage refused, AuthenticationHeaderValue? sent, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
