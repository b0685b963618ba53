using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>One request of a random sequence; its answer is told without generations, which differ between stores.</summary>
internal sealed record ModelStep(StoreOperationKind Kind, string Name, string Other, int Content, StepCondition Condition, bool Second)
{
    public async Task<string> RunAsync(IObjectStore store, Dictionary<string, List<StoredObject>> history)
    {
        try
        {
            return await AnswerAsync(store, history);
        }
        catch (ObjectStoreException e)
        {
            return $"{e.Error} of {e.ObjectName}";
        }
    }

    private async Task<string> AnswerAsync(IObjectStore store, Dictionary<string, List<StoredObject>> history)
    {
        var condition = Conditions(history, Name);
        switch (Kind)
        {
            case StoreOperationKind.Get:
                return Tell(await store.GetAsync(Name, condition));
            case StoreOperationKind.OpenRead:
                await using (var content = await store.OpenReadAsync(Name, new() { Preconditions = condition }))
                {
                    return content is null ? "nothing" : Tell(content.Metadata) + await new StreamReader(content.Stream).ReadToEndAsync();
                }

            case StoreOperationKind.List:
                var told = new List<string>();
                await foreach (var item in store.ListAsync(Name[..Math.Min(Content, Name.Length)]))
                {
                    told.Add(Tell(item));
                }

                return string.Join('|', told);
            case StoreOperationKind.Write:
                var metadata = new Dictionary<string, string> { ["content"] = $"{Content}" };
                return Keep(history, await store.WriteAsync(Name, new MemoryStream(new byte[Content * 10]), new() { Metadata = metadata, Preconditions = condition }));
            case StoreOperationKind.PatchMetadata:
                return Keep(history, await store.PatchMetadataAsync(Name, new Dictionary<string, string?> { [$"k{Content}"] = Content == 0 ? null : "v", ["content"] = null }, condition));
            case StoreOperationKind.Move:
                return Keep(history, await store.MoveAsync(Name, Other, new() { Source = condition, Destination = Destination(history) }));
            case StoreOperationKind.Copy:
                return Keep(history, await store.CopyAsync(Name, Other, new() { Source = condition, Destination = Destination(history) }));
            default:
                await store.DeleteAsync(Name, new() { Preconditions = condition });
                return "deleted";
        }
    }

    private static string Tell(StoredObject? item) => item is null
        ? "nothing"
        : $"{item.Name} m{item.Metageneration} {item.Size} {item.Crc32C:x8} {string.Join(',', item.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))}";

    private static string Keep(Dictionary<string, List<StoredObject>> history, StoredObject item)
    {
        history.TryAdd(item.Name, []);
        history[item.Name].Add(item);
        return Tell(item);
    }

    private ObjectPreconditions Destination(Dictionary<string, List<StoredObject>> history) =>
        Content == 0 ? ObjectPreconditions.MustNotExist : Content == 1 ? Conditions(history, Other) : default;

    private ObjectPreconditions Conditions(Dictionary<string, List<StoredObject>> history, string name)
    {
        var versions = history.GetValueOrDefault(name) ?? [];
        return Condition switch
        {
            StepCondition.MustNotExist => ObjectPreconditions.MustNotExist,
            StepCondition.MustExist => new() { IfGenerationNotMatch = 0 },
            StepCondition.MatchesLatest when versions is [.., var latest] => ObjectPreconditions.Matches(latest),
            StepCondition.MatchesFormer when versions is [.., var former, _] => ObjectPreconditions.Matches(former),
            StepCondition.IsNotLatest when versions is [.., var latest] => new() { IfGenerationNotMatch = latest.Generation },
            _ => default,
        };
    }
}
