using System.Net;
using System.Net.Http.Headers;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>
/// Where the bytes of one file are. An origin that redirects to a presigned address elsewhere is asked once for all ranges, and again
/// when that address is refused: its signature expires.
/// </summary>
internal sealed class FileTarget(SourceHttpClient http, SourceRequest request)
{
    private readonly Lock _turns = new();
    private TaskCompletionSource? _turn;
    private Uri? _target;
    private volatile bool _direct;

    public async Task<SourceReply> SendAsync(Action<HttpRequestHeaders> headers, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_direct)
            {
                return await http.SendAsync(request, headers, cancellationToken).ConfigureAwait(false);
            }

            if (await TryTargetAsync(headers, cancellationToken).ConfigureAwait(false) is { } reply)
            {
                return reply;
            }

            if (TryTakeTurn(out var turn))
            {
                return await ResolveAsync(turn, headers, cancellationToken).ConfigureAwait(false);
            }

            await turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One reader resolves for all; the others wait until its turn is over.</summary>
    private bool TryTakeTurn(out TaskCompletionSource turn)
    {
        lock (_turns)
        {
            if (_turn is not null)
            {
                turn = _turn;
                return false;
            }

            turn = _turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    private async Task<SourceReply?> TryTargetAsync(Action<HttpRequestHeaders> headers, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _target) is not { } target)
        {
            return null;
        }

        var credential = SourceOrigin.Same(target, request.Uri) ? request.Credential : null;
        var reply = await http.SendAsync(request with { Uri = target, Credential = credential }, headers, cancellationToken).ConfigureAwait(false);
        if (!IsRefusal(reply.Response.StatusCode))
        {
            return reply;
        }

        reply.Dispose();
        Interlocked.CompareExchange(ref _target, null, target);
        return null;
    }

    private async Task<SourceReply> ResolveAsync(TaskCompletionSource turn, Action<HttpRequestHeaders> headers, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await http.SendAsync(request, headers, cancellationToken).ConfigureAwait(false);
            if (reply.Response.IsSuccessStatusCode)
            {
                _direct = reply.Uri == request.Uri;
                Volatile.Write(ref _target, _direct ? null : reply.Uri);
            }

            return reply;
        }
        finally
        {
            lock (_turns)
            {
                _turn = null;
            }

            turn.SetResult();
        }
    }

    // Besides what the words say: Google answers an expired signature with 400.
    private static bool IsRefusal(HttpStatusCode status) => status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
        or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone;
}
