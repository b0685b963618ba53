namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Moves and copies on the server; no content passes through this process.</summary>
/// <remarks>
/// Where the server refuses moves, a copy and a deletion of the very generation take their place. That is not atomic: of several movers
/// of one object to different names, each may leave its copy. No copy is taken back, because somebody may already rely on it.
/// </remarks>
internal sealed class ObjectTransfer(
    StorageTransport transport, StorageAddress address, ObjectReader reader, ObjectMutator mutator)
{
    /// <summary>A rewrite across storage classes takes a call per gigabyte or so; 5 TiB, the largest object, take fewer than this.</summary>
    private const int MaximumRewriteCalls = 10_000;

    /// <summary>Set once the server has refused to move an object that could be copied.</summary>
    private volatile bool _moveIsRefused;

    public async Task<StoredObject> MoveAsync(
        string source, string destination, ObjectTransferOptions transfer, CancellationToken cancellationToken)
    {
        // The source is read first. It pins the generation, so that a repeated move never takes a newer one, and it tells afterwards
        // whether a move whose answer was lost took place. (A request, but moves are rare: one per file that is published.)
        var version = await ReadSourceAsync(source, transfer.Source, cancellationToken).ConfigureAwait(false);
        var pinned = transfer.Source with { IfGenerationMatch = version.Generation };
        if (!_moveIsRefused)
        {
            var query = new StorageQuery().AddConditions(transfer.Destination).AddSourceConditions(PinnedOnly(pinned))
                .Add("projection", "noAcl").Add("fields", StorageFields.Object);
            var call = new StorageCall("storage.objects.move", HttpMethod.Post, address.ForMove(source, destination, query))
            {
                ObjectName = destination,
                Mutates = true,
            };
            using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (reply.IsSuccess)
            {
                return reader.ReadObject(reply, call);
            }

            if (!await IsRefusedAsync(reply, call, version, cancellationToken).ConfigureAwait(false))
            {
                return await SettleMoveAsync(reply, call, version, destination, cancellationToken).ConfigureAwait(false);
            }
        }

        var copy = await RewriteAsync(
            source, destination, new ObjectTransferOptions { Source = pinned, Destination = transfer.Destination }, cancellationToken)
            .ConfigureAwait(false);
        _moveIsRefused = true;
        await DeleteSourceAsync(version, cancellationToken).ConfigureAwait(false);
        return copy;
    }

    public async Task<StoredObject> CopyAsync(
        string source, string destination, ObjectTransferOptions transfer, CancellationToken cancellationToken) =>
        await RewriteAsync(source, destination, transfer, cancellationToken).ConfigureAwait(false);

    // Match and NotMatch of one kind exclude each other in a move; the generation that was read satisfies both.
    private static ObjectPreconditions PinnedOnly(ObjectPreconditions pinned) => pinned with { IfGenerationNotMatch = null };

    private async Task<StoredObject> ReadSourceAsync(string source, ObjectPreconditions conditions, CancellationToken cancellationToken) =>
        await reader.GetAsync(source, null, conditions, cancellationToken).ConfigureAwait(false)
        ?? throw new ObjectStoreException(
            ObjectStoreError.NotFound, $"gs://{address.Bucket}/{address.Prefix}{source} does not exist, so it cannot be moved.", source);

    /// <summary>
    /// Whether the server knows no move: it answers so, or denies an object that is there. Such an answer is of the method, not of the
    /// object, so a copy and a deletion take its place; if those are refused too, their answer is the one that is told.
    /// </summary>
    private async Task<bool> IsRefusedAsync(
        StorageReply reply, StorageCall call, StoredObject version, CancellationToken cancellationToken)
    {
        if (reply.Status is 400 or 403 or 405 or 501)
        {
            return true;
        }

        if (reply.Status != 404)
        {
            return false;
        }

        var live = await StorageDoubt.ReadAsync(
            () => reader.GetAsync(version.Name, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
        return live?.Generation == version.Generation;
    }

    private async Task<StoredObject> SettleMoveAsync(
        StorageReply reply, StorageCall call, StoredObject version, string destination, CancellationToken cancellationToken)
    {
        if (reply.IsAfterDoubt && reply.Status is 404 or 412)
        {
            var source = await StorageDoubt.ReadAsync(
                () => reader.GetAsync(version.Name, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
            if (source?.Generation != version.Generation)
            {
                var moved = await StorageDoubt.ReadAsync(
                    () => reader.GetAsync(destination, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
                return moved is not null && moved.Size == version.Size && moved.Crc32C == version.Crc32C
                    ? moved
                    : throw StorageDoubt.Unknown(call, transport.Errors);
            }
        }

        throw transport.Errors.Translate(reply, reply.Status == 404 ? call with { ObjectName = version.Name } : call);
    }

    private async Task<StoredObject> RewriteAsync(
        string source, string destination, ObjectTransferOptions transfer, CancellationToken cancellationToken)
    {
        string? token = null;
        var doubt = false;
        for (var calls = 0; calls < MaximumRewriteCalls; calls++)
        {
            var query = new StorageQuery().AddConditions(transfer.Destination).AddSourceConditions(transfer.Source)
                .Add("rewriteToken", token).Add("projection", "noAcl").Add("fields", StorageFields.Rewrite);
            var call = new StorageCall("storage.objects.rewrite", HttpMethod.Post, address.ForRewrite(source, destination, query))
            {
                ObjectName = destination,
                Mutates = true,
                IsIdempotent = transfer.Destination.IfGenerationMatch is not null,
            };
            using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            doubt |= reply.IsAfterDoubt;
            if (!reply.IsSuccess)
            {
                return await SettleCopyAsync(reply, call, source, transfer, doubt, cancellationToken).ConfigureAwait(false);
            }

            var answer = reply.Read(StorageJsonContext.Default.RewriteResource, call, transport.Errors);
            if (answer is { Done: true, Resource: { } resource })
            {
                return reader.Convert(resource, call);
            }

            token = answer.RewriteToken
                ?? throw transport.Errors.Malformed(call, new InvalidDataException("it is neither done nor has a token to go on with"));
        }

        throw new ObjectStoreException(
            ObjectStoreError.Unavailable,
            $"gs://{address.Bucket}/{address.Prefix}{destination} was not copied after {MaximumRewriteCalls} calls.",
            destination);
    }

    private async Task<StoredObject> SettleCopyAsync(
        StorageReply reply, StorageCall call, string source, ObjectTransferOptions transfer, bool doubt, CancellationToken cancellationToken)
    {
        if (reply.Status == 412 && doubt)
        {
            var original = await StorageDoubt.ReadAsync(
                () => reader.GetAsync(source, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
            var copy = await StorageDoubt.ReadAsync(
                () => reader.GetAsync(call.ObjectName!, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
            if (original is not null && copy is not null
                && copy.Generation != transfer.Destination.IfGenerationMatch
                && copy.Size == original.Size && copy.Crc32C == original.Crc32C
                && StorageDoubt.HasMetadata(copy, original.Metadata))
            {
                return copy;
            }
        }

        if (reply.Status != 404)
        {
            throw transport.Errors.Translate(reply, call);
        }

        await reader.ThrowIfBucketIsMissingAsync(reply, cancellationToken).ConfigureAwait(false);
        var missing = call with { ObjectName = source };
        throw StorageConditions.FailureOnMissing(transfer.Source) is { } error
            ? transport.Errors.New(error, missing, "does not exist, which was expected otherwise.")
            : transport.Errors.Translate(reply, missing);
    }

    private async Task DeleteSourceAsync(StoredObject version, CancellationToken cancellationToken)
    {
        try
        {
            var delete = new ObjectDeleteOptions
            {
                Generation = version.Generation,
                Preconditions = new() { IfGenerationMatch = version.Generation },
            };
            await mutator.DeleteAsync(version.Name, delete, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
        {
            // Somebody else removed or replaced the source in between, so the version that was moved is gone from its old name.
        }
    }
}
