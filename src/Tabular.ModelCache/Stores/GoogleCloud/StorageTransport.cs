namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Sends calls: credential, timeout, retries where they are safe, bounded answers.</summary>
internal sealed class StorageTransport(GoogleCloudStoreOptions options) : IDisposable
{
    private readonly StorageHttpClient _http = new(options, options.OnRequest);

    public StorageErrors Errors => field ??= new StorageErrors(options, () => _http.Account);

    /// <summary>Sends a call until it has a final answer or no attempt is left.</summary>
    /// <exception cref="ObjectStoreException">No final answer came; <see cref="ObjectStoreException.OutcomeUnknown"/> tells whether it may have acted.</exception>
    public async Task<StorageReply> SendAsync(StorageCall call, CancellationToken cancellationToken)
    {
        var backoff = new StorageBackoff(options);
        var doubt = false;
        while (true)
        {
            var (reply, failure) = await TryAsync(call, doubt, cancellationToken).ConfigureAwait(false);
            if (reply is not null)
            {
                return reply;
            }

            doubt |= failure!.LeavesDoubt && call.Mutates;
            var mayRepeat = failure.Error.IsTransient && (call.IsIdempotent || !failure.LeavesDoubt);
            if (!mayRepeat || !await backoff.WaitAsync(failure.RetryAfter, cancellationToken).ConfigureAwait(false))
            {
                throw StorageErrors.GiveUp(failure.Error, Math.Max(1, backoff.Failures), doubt);
            }
        }
    }

    /// <summary>Sends a call once.</summary>
    public async Task<(StorageReply? Reply, StorageFailure? Failure)> TryAsync(
        StorageCall call, bool afterDoubt, CancellationToken cancellationToken)
    {
        var limit = call.Timeout ?? options.MetadataTimeout;
        using var timeout = new CancellationTokenSource(limit, options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var request = call.CreateRequest();
        HttpResponseMessage? response = null;
        try
        {
            var client = await _http.GetAsync(linked.Token).ConfigureAwait(false);
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token).ConfigureAwait(false);
            var body = call.ReadsMedia && response.IsSuccessStatusCode
                ? default
                : await AnswerBody.ReadAsync(response, StorageCall.MaximumAnswer, linked.Token).ConfigureAwait(false);
            var reply = new StorageReply(response, body) { IsAfterDoubt = afterDoubt };
            if (!IsTransient(reply.Status))
            {
                response = null;
                return (reply, null);
            }

            return (null, new StorageFailure(Errors.Translate(reply, call), LeavesDoubt: reply.Status != 429)
            {
                RetryAfter = response.Headers.RetryAfter?.Delta,
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e) when (!timeout.IsCancellationRequested)
        {
            // Neither the caller nor our timeout: the connect timeout of the handler, before anything was sent.
            return (null, new StorageFailure(Errors.Broken(call, e), LeavesDoubt: false));
        }
        catch (OperationCanceledException e)
        {
            return (null, new StorageFailure(Errors.TimedOut(call, limit, e), WireHandler.WasSent(request)));
        }
        catch (Exception e) when (!WireHandler.WasSent(request) && CredentialFailure.IsOne(e))
        {
            return (null, new StorageFailure(Errors.NoToken(e), LeavesDoubt: false));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, new StorageFailure(Errors.Broken(call, e), WireHandler.WasSent(request) && !NeverConnected(e)));
        }
        finally
        {
            response?.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Whether Google's strategy is to send the same request again.</summary>
    public static bool IsTransient(int status) => status is 408 or 429 or (>= 500 and <= 599 and not 501);

    private static bool NeverConnected(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };
}
