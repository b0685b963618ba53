using System.Text;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>The parts of a <c>multipart/related</c> body, streamed.</summary>
/// <remarks>
/// The reader of ASP.NET Core wants CRLF at the end of each line, as MIME does; gcloud ends them with LF, and Cloud Storage takes both.
/// </remarks>
internal sealed class RelatedParts(Stream body, string boundary)
{
    private const int MaximumLine = 16 * 1024;

    private readonly byte[] _buffer = new byte[128 * 1024];
    private byte[] _delimiter = [];
    private int _start;
    private int _end;
    private bool _inPart;

    /// <summary>Goes to the next part.</summary>
    /// <returns>Its media type, or <see langword="null"/> where it has none, and its bytes; no part when there is none left.</returns>
    /// <exception cref="FormatException">The body is not of this form.</exception>
    public async Task<(string? ContentType, Stream Content)?> NextAsync(CancellationToken cancellationToken)
    {
        if (_inPart)
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
        }

        string line;
        while ((line = await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length == 0)
        {
            // Before the first boundary there may be empty lines.
        }

        if (line == $"--{boundary}--")
        {
            return null;
        }

        if (line != $"--{boundary}")
        {
            throw new FormatException("The body of a multipart upload does not start with its boundary.");
        }

        string? contentType = null;
        while ((line = await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length > 0)
        {
            const string Name = "Content-Type:";
            contentType = line.StartsWith(Name, StringComparison.OrdinalIgnoreCase) ? line[Name.Length..].Trim() : contentType;
        }

        _inPart = true;
        return (contentType, new Part(this));
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length);
                _start += length + 1;
                var isCrLf = line.EndsWith('\r');
                _delimiter = Encoding.UTF8.GetBytes((isCrLf ? "\r\n--" : "\n--") + boundary);
                return isCrLf ? line[..^1] : line;
            }

            if (_end - _start > MaximumLine || !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new FormatException("The body of a multipart upload breaks off in a header.");
            }
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var scratch = new byte[16 * 1024];
        while (await ReadPartAsync(scratch, cancellationToken).ConfigureAwait(false) > 0)
        {
            // What a reader left of the part before.
        }
    }

    private async ValueTask<int> ReadPartAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (_inPart && !target.IsEmpty)
        {
            var held = _buffer.AsMemory(_start, _end - _start);
            var at = held.Span.IndexOf(_delimiter);
            // The last bytes may be the head of a delimiter whose rest has not come yet.
            var count = Math.Min(target.Length, at >= 0 ? at : held.Length - (_delimiter.Length - 1));
            if (count > 0)
            {
                held[..count].CopyTo(target);
                _start += count;
                return count;
            }

            if (at == 0)
            {
                // The boundary itself stays for the next line; only its line break belongs to the part.
                _start += _delimiter.Length - boundary.Length - 2;
                _inPart = false;
            }
            else if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new FormatException("The body of a multipart upload ends without its boundary.");
            }
        }

        return 0;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    private sealed class Part(RelatedParts parts) : ForwardStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            parts.ReadPartAsync(buffer, cancellationToken);
    }
}
