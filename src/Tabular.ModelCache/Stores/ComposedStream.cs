namespace Tabular.ModelCache.Stores;

/// <summary>The contents of several versions, one after the other; each is opened when its turn comes.</summary>
internal sealed class ComposedStream(IObjectStore store, IReadOnlyList<ComposeSource> sources) : ForwardStream
{
    private ObjectContent? _content;
    private int _next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_content is null)
            {
                if (_next == sources.Count)
                {
                    return 0;
                }

                var source = sources[_next++];
                _content = await store.OpenReadAsync(
                    source.Name, new ObjectReadOptions { Generation = source.Generation }, cancellationToken).ConfigureAwait(false)
                    ?? throw ObjectStoreErrors.NotFound(source.Name, store.DisplayName, source.Generation);
            }

            var read = await _content.Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            await _content.DisposeAsync().ConfigureAwait(false);
            _content = null;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_content is not null)
        {
            await _content.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}
