using System.Collections.Concurrent;

namespace Tabular.ModelCache.Testing;

/// <summary>Answers what clients ask the Hugging Face Hub for: a model, its list of files, a file.</summary>
internal sealed class HubHandler(SignedContent signed, ModelRegistryServerOptions options)
{
    private readonly ConcurrentDictionary<string, HubRepository> _repositories = new(StringComparer.Ordinal);

    public bool TryAdd(HubRepository repository) => _repositories.TryAdd(repository.Id, repository);

    public HubRepository? Find(string id) => _repositories.GetValueOrDefault(id);

    public Task<RegistryReply> GetModelAsync(RegistryCall call) => WithCommitAsync(call, readsFile: false, async (repository, commit) =>
        RegistryReply.Json(200, await HubJson.DescribeAsync(repository, commit, call.Route.IsSet("blobs")).ConfigureAwait(false)));

    public Task<RegistryReply> GetTreeAsync(RegistryCall call) =>
        WithCommitAsync(call, readsFile: false, (_, commit) => HubTree.ListAsync(call, commit, options.HubPageSize));

    public Task<RegistryReply> ResolveAsync(RegistryCall call) => WithCommitAsync(call, readsFile: true, async (_, commit) =>
    {
        if (commit.Find(call.Route.File!) is not { } file)
        {
            return HubErrors.NoEntry(call.Route);
        }

        var reply = file.IsLfs
            ? await SendLinkedAsync(call, file).ConfigureAwait(false)
            : RegistryReply.File(file.Content, await file.Content.GetGitBlobSha1Async().ConfigureAwait(false));
        return reply.With("X-Repo-Commit", commit.Id).With("Vary", "Origin");
    });

    private async Task<RegistryReply> SendLinkedAsync(RegistryCall call, GeneratedFile file)
    {
        var sha256 = await file.Content.GetSha256Async().ConfigureAwait(false);
        var reply = options.Delivery == ContentDelivery.Direct
            ? RegistryReply.File(file.Content, sha256)
            : RegistryReply.Redirect(302, await signed.CreateAddressAsync(call, SignedContent.GetAndHead, file).ConfigureAwait(false));
        return reply.With("X-Linked-Etag", $"\"{sha256}\"").With("X-Linked-Size", HubJson.Text(file.Size)).With("Accept-Ranges", "bytes");
    }

    private async Task<RegistryReply> WithCommitAsync(
        RegistryCall call, bool readsFile, Func<HubRepository, HubCommit, Task<RegistryReply>> answer)
    {
        var repository = Find(call.Route.Model!);
        if (Refuse(repository, call.BearerToken, readsFile) is { } refusal)
        {
            return refusal;
        }

        return repository!.Find(call.Route.Reference!) is { } commit
            ? await answer(repository, commit).ConfigureAwait(false)
            : HubErrors.NoRevision(call.Route);
    }

    private RegistryReply? Refuse(HubRepository? repository, string? token, bool readsFile)
    {
        var isStranger = token is not null && options.StrangerTokens.Contains(token);
        var isAccepted = token is not null && !isStranger && options.Tokens?.Contains(token) != false;
        if (token is not null && !isStranger && !isAccepted)
        {
            return HubErrors.BadToken();
        }

        if (repository is null || (repository.Access == HubAccess.Private && !isAccepted))
        {
            // The Hub does not tell a stranger whether there is something private.
            return HubErrors.NoRepository(isKnown: token is not null);
        }

        return readsFile && repository.Access == HubAccess.Gated && !isAccepted
            ? HubErrors.Gated(repository.Id, isKnown: token is not null)
            : null;
    }
}
