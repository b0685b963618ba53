using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    public static MatrixTheoryData<ConditionedRequest, Condition, bool> Matrix() =>
        new(Enum.GetValues<ConditionedRequest>(), Enum.GetValues<Condition>(), [true, false]);

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Preconditions_AnyRequest_DecideAsSpecified(ConditionedRequest request, Condition condition, bool exists)
    {
        var live = (StoredObject?)null;
        if (exists)
        {
            await PutAsync("object", "content");
            live = await Store.PatchMetadataAsync("object", new Dictionary<string, string?> { ["a"] = "1" }, default, Token);
        }

        await PutAsync("other", "another");
        var before = await DescribeAllAsync();
        var preconditions = Make(condition, live?.Generation ?? 1234567, live?.Metageneration ?? 2);
        var expected = Expect(condition, exists);
        var needsObject = request is not (ConditionedRequest.Get or ConditionedRequest.OpenRead or ConditionedRequest.Write or ConditionedRequest.MoveDestination or ConditionedRequest.CopyDestination);
        expected ??= needsObject && !exists ? ObjectStoreError.NotFound : null;

        var run = () => RunAsync(request, preconditions);

        if (expected is { } error)
        {
            await FailsAsync(run, error);
            (await DescribeAllAsync()).Should().BeEquivalentTo(before, "a refused request changes nothing");
        }
        else
        {
            await run.Should().NotThrowAsync();
            if (request is not (ConditionedRequest.Get or ConditionedRequest.OpenRead))
            {
                (await DescribeAllAsync()).Should().NotBeEquivalentTo(before);
            }
        }
    }

    private static ObjectPreconditions Make(Condition condition, long generation, long metageneration) => condition switch
    {
        Condition.GenerationMatches => new() { IfGenerationMatch = generation },
        Condition.GenerationMatchesOther => new() { IfGenerationMatch = generation + 1 },
        Condition.GenerationMatchesZero => ObjectPreconditions.MustNotExist,
        Condition.GenerationNotMatches => new() { IfGenerationNotMatch = generation },
        Condition.GenerationNotMatchesOther => new() { IfGenerationNotMatch = generation + 1 },
        Condition.GenerationNotMatchesZero => new() { IfGenerationNotMatch = 0 },
        Condition.MetagenerationMatches => new() { IfMetagenerationMatch = metageneration },
        Condition.MetagenerationMatchesOther => new() { IfMetagenerationMatch = metageneration + 1 },
        Condition.MetagenerationNotMatches => new() { IfMetagenerationNotMatch = metageneration },
        Condition.MetagenerationNotMatchesOther => new() { IfMetagenerationNotMatch = metageneration + 1 },
        Condition.BothMatch => new() { IfGenerationMatch = generation, IfMetagenerationMatch = metageneration },
        _ => new() { IfGenerationMatch = generation, IfMetagenerationMatch = metageneration + 1 },
    };

    private static ObjectStoreError? Expect(Condition condition, bool exists) => (condition, exists) switch
    {
        (Condition.GenerationMatchesZero, false) => null,
        (Condition.GenerationNotMatchesZero, false) => ObjectStoreError.NotModified,
        (Condition.GenerationNotMatches or Condition.GenerationNotMatchesOther or Condition.MetagenerationNotMatches or Condition.MetagenerationNotMatchesOther, false) => null,
        (_, false) => ObjectStoreError.PreconditionFailed,
        (Condition.GenerationMatchesOther or Condition.GenerationMatchesZero or Condition.MetagenerationMatchesOther or Condition.GenerationMatchesButMetagenerationDoesNot, true) => ObjectStoreError.PreconditionFailed,
        (Condition.GenerationNotMatches or Condition.MetagenerationNotMatches, true) => ObjectStoreError.NotModified,
        (_, true) => null,
    };

    private Task RunAsync(ConditionedRequest request, ObjectPreconditions preconditions) => request switch
    {
        ConditionedRequest.Get => Store.GetAsync("object", preconditions, Token),
        ConditionedRequest.OpenRead => ReadTextAsync("object", new() { Preconditions = preconditions }),
        ConditionedRequest.Write => PutAsync("object", "new", new() { Preconditions = preconditions }),
        ConditionedRequest.Patch => Store.PatchMetadataAsync("object", new Dictionary<string, string?> { ["b"] = "2" }, preconditions, Token),
        ConditionedRequest.MoveSource => Store.MoveAsync("object", "third", new() { Source = preconditions }, Token),
        ConditionedRequest.MoveDestination => Store.MoveAsync("other", "object", new() { Destination = preconditions }, Token),
        ConditionedRequest.CopySource => Store.CopyAsync("object", "third", new() { Source = preconditions }, Token),
        ConditionedRequest.CopyDestination => Store.CopyAsync("other", "object", new() { Destination = preconditions }, Token),
        _ => Store.DeleteAsync("object", new() { Preconditions = preconditions }, Token),
    };

    private async Task<List<(StoredObject Item, string? Content)>> DescribeAllAsync()
    {
        var all = new List<(StoredObject, string?)>();
        await foreach (var item in Store.ListAsync(string.Empty, Token))
        {
            all.Add((item, await ReadTextAsync(item.Name)));
        }

        return all;
    }
}
