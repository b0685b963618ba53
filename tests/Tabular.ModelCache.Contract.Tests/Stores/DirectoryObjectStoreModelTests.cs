using CsCheck;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.Directories;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Any sequence of requests has the same answers from the directory, seen by two processes, and from memory.</summary>
public sealed class DirectoryObjectStoreModelTests
{
    private static readonly string[] Names = ["a/x", "a/y", "b", "c/d/e"];

    private static readonly Gen<ModelStep[]> Steps = Gen.Select(
        Gen.Enum<StoreOperationKind>(),
        Gen.Int[0, Names.Length - 1],
        Gen.Int[0, Names.Length - 1],
        Gen.Int[0, 3],
        Gen.Enum<StepCondition>(),
        Gen.Bool,
        (kind, name, other, content, condition, second) => new ModelStep(kind, Names[name], Names[other], content, condition, second)).Array[1, 40];

    [Fact]
    public void AnySequence_DirectoryAndMemory_AnswerAlike() => Steps.Sample(
        steps => RunAsync(steps).GetAwaiter().GetResult(),
        iter: 120,
        threads: 1);

    private static async Task RunAsync(ModelStep[] steps)
    {
        using var directory = new TemporaryDirectory();
        var options = new DirectoryObjectStoreOptions { FlushToDisk = false };
        DirectoryObjectStore[] instances =
        [
            new(directory.Path, TimeProvider.System, new Random(1), options),
            new(directory.Path, TimeProvider.System, new Random(2), options),
        ];
        var memory = new InMemoryObjectStore();
        var onDisk = new Dictionary<string, List<StoredObject>>();
        var inMemory = new Dictionary<string, List<StoredObject>>();
        foreach (var step in steps)
        {
            var expected = await step.RunAsync(memory, inMemory);
            var actual = await step.RunAsync(instances[step.Second ? 1 : 0], onDisk);
            actual.Should().Be(expected, "that is what memory answers to {0} of [{1}]", step, string.Join("; ", steps.AsEnumerable()));
        }

        foreach (var versions in onDisk.Values)
        {
            versions.Select(version => (version.Generation, version.Metageneration)).Should().OnlyHaveUniqueItems();
        }
    }
}
