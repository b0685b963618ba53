using System.Net;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>
/// The bytes of a file or of a part of it, read forward. A connection that breaks or stalls is opened again where it stopped. It never
/// ends early without an exception.
/// </summary>
internal sealed class HttpBodyStream : ForwardStream
{
    /// <summary>So much progress forgives earlier failures: a long download outlives many breaks, a dead one ends after a few.</summary>
    private const long ForgivingProgress = 1024 * 1024;

    private readonly HttpSourceFile _file;
    private readonly SourceBackoff _backoff;
    private readonly long _end;
    private readonly bool _isRange;
    private SourceReply? _reply;
    private Stream? _body;
    private Uri _uri;
    private long _position;
    private long _progress;
    private bool _disposed;

    public HttpBodyStream(HttpSourceFile file, long offset, long count, bool isRange)
    {
        _file = file;
        _backoff = file.Http.CreateBackoff();
        _uri = file.Request.Uri;
        _position = offset;
        _end = offset + count;
        _isRange = isRange;
    }

    private bool IsPartial => _isRange || _position > 0;

    /// <exception cref="NotSupportedException">A range was asked for, and the server gives none.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (!await TryOpenAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new NotSupportedException($"The source of '{_file.Path}' gives no ranges.");
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (_position < _end)
        {
            var (read, failure) = await TryReadAsync(buffer[..(int)Math.Min(buffer.Length, _end - _position)], cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                Advance(read);
                return read;
            }

            await ReopenAsync(failure, cancellationToken).ConfigureAwait(false);
        }

        await CheckEndAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposed = true;
            CloseBody();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<(int Read, IOException? Failure)> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Closed by an error that was told already.
        ObjectDisposedException.ThrowIf(_body is null, this);
        try
        {
            var read = await _file.Http.Stall.ReadAsync(_body, buffer, cancellationToken).ConfigureAwait(false);
            return read > 0 ? (read, null) : (0, new EndOfStreamException("the body ended too early"));
        }
        catch (IOException e)
        {
            return (0, e);
        }
    }

    private void Advance(int read)
    {
        _position += read;
        _progress += read;
        if (_progress >= ForgivingProgress)
        {
            _backoff.Reset();
        }
    }

    private async Task ReopenAsync(IOException failure, CancellationToken cancellationToken)
    {
        CloseBody();
        _progress = 0;
        var broken = $"broke off at byte {_position} of {_file.Size}: {SourceErrors.Printable(failure.Message).TrimEnd('.')}";
        if (!await _backoff.TryWaitAsync(cancellationToken).ConfigureAwait(false))
        {
            throw SourceErrors.New(_file.Request, _uri, $"{broken}; that was failure {_backoff.Failures} with hardly any progress between, try again later", failure);
        }

        if (!await TryOpenAsync(cancellationToken).ConfigureAwait(false))
        {
            throw SourceErrors.New(_file.Request, _uri, $"{broken}; the server gives no ranges, so that it cannot be gone on with: pull it again", failure);
        }
    }

    /// <summary>Opens the body at the present position; <see langword="false"/> when that takes a range and the server gives none.</summary>
    private async Task<bool> TryOpenAsync(CancellationToken cancellationToken)
    {
        var (from, to) = (_position, _end - 1);
        var partial = IsPartial;
        _reply = await _file.Target.SendAsync(
            headers =>
            {
                if (partial)
                {
                    headers.Range = new(from, to);
                }
            },
            cancellationToken).ConfigureAwait(false);
        _uri = _reply.Uri;
        var response = _reply.Response;
        if (response.IsSuccessStatusCode && _file.Tags.FindChange(_reply) is { } change)
        {
            throw SourceErrors.New(_file.Request, _uri, change);
        }

        if (partial && response.StatusCode == HttpStatusCode.OK)
        {
            _file.RefuseRanges();
            CloseBody();
            return false;
        }

        Check(_reply, partial);
        _body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private void Check(SourceReply reply, bool partial)
    {
        var response = reply.Response;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw SourceErrors.New(
                _file.Request,
                _uri,
                $"has no bytes {_position} to {_end - 1} ({SourceErrors.Describe(response)}) although {_file.Size} bytes were promised; it has changed, pull it again");
        }

        if (response.StatusCode != (partial ? HttpStatusCode.PartialContent : HttpStatusCode.OK))
        {
            throw SourceErrors.Status(_file.Request, reply, _file.Http.Timings);
        }

        SourceHttpClient.CheckEntity(_file.Request, reply, mayBeHtml: _file.Path.EndsWith(".html", StringComparison.OrdinalIgnoreCase));
        var content = response.Content.Headers;
        if (partial && (content.ContentRange is not { Unit: "bytes" } range || range.From != _position || range.To != _end - 1 || range.Length != _file.Size))
        {
            throw SourceErrors.New(
                _file.Request,
                _uri,
                $"was asked for 'bytes {_position}-{_end - 1}/{_file.Size}', but answered with " +
                $"'{SourceErrors.Printable(content.ContentRange?.ToString() ?? "no Content-Range")}'; it has changed, pull it again");
        }

        if (content.ContentLength is { } length && length != _end - _position)
        {
            throw SourceErrors.New(
                _file.Request, _uri, $"was answered with {length} bytes where {_end - _position} were promised; it has changed or is damaged there, pull it again");
        }
    }

    /// <summary>A body of unknown length may go on beyond what was promised; the end of any other is known by its headers.</summary>
    private async Task CheckEndAsync(CancellationToken cancellationToken)
    {
        if (_body is null)
        {
            return;
        }

        if (_reply!.Response.Content.Headers.ContentLength is null)
        {
            // A failure here loses nothing: every promised byte came, and their digest decides.
            var (read, _) = await TryReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            if (read > 0)
            {
                throw SourceErrors.New(_file.Request, _uri, $"was answered with more than the {_file.Size} bytes that were promised; it has changed, pull it again");
            }
        }

        CloseBody();
    }

    private void CloseBody()
    {
        _body?.Dispose();
        _body = null;
        _reply?.Dispose();
        _reply = null;
    }
}
