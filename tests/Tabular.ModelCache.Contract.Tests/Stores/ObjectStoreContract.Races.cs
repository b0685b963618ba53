using System.Globalization;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task Write_ManyCreatorsAtOnce_ExactlyOneWins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await PutAsync("folder/file", $"{i}", new() { Preconditions = ObjectPreconditions.MustNotExist });
                return i;
            }
            catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
            {
                return -1;
            }
        })));

        var winner = outcomes.Should().ContainSingle(outcome => outcome >= 0).Which;
        (await ReadTextAsync("folder/file")).Should().Be($"{winner}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CompareAndSwap_ManyIncrementsAtOnce_LosesNone(bool byMetadata)
    {
        await PutAsync("counter", "0", new() { Metadata = new Dictionary<string, string> { ["value"] = "0" } });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            while (!await TryIncrementAsync(byMetadata))
            {
                Token.ThrowIfCancellationRequested();
            }
        })));

        var final = (await Store.GetAsync("counter", default, Token))!;
        (byMetadata ? final.Metadata["value"] : await ReadTextAsync("counter")).Should().Be("50");
        final.Metageneration.Should().Be(byMetadata ? 51 : 1);
    }

    [Fact]
    public async Task Move_ManyAtOnce_ExactlyOneTakesTheObject()
    {
        var source = await PutAsync("source", "content");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(async () =>
        {
            try
            {
                await Store.MoveAsync("source", $"target/{i}", new() { Source = ObjectPreconditions.Matches(source) }, Token);
                return i;
            }
            catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
            {
                return -1;
            }
        })));

        var winner = outcomes.Should().ContainSingle(outcome => outcome >= 0).Which;
        (await ListNamesAsync(string.Empty)).Should().Equal($"target/{winner}");
    }

    [Fact]
    public async Task Read_WhileReplaced_IsAlwaysOneWholeGeneration()
    {
        await WriteFilledAsync(0);

        // A write for each read, at the same time: a reader that is replaced again and again by somebody faster gives up at last.
        using var turns = new SemaphoreSlim(1);
        var writer = Task.Run(
            async () =>
            {
                for (var i = 1; i <= 60; i++)
                {
                    await turns.WaitAsync(Token);
                    await WriteFilledAsync(i);
                }
            },
            Token);
        long reads = 0;
        do
        {
            await using var content = await Store.OpenReadAsync("file", null, Token);
            content.Should().NotBeNull("a replaced object never vanishes in between");
            using var bytes = new MemoryStream();
            await content!.Stream.CopyToAsync(bytes, Token);
            var fill = byte.Parse(content.Metadata.Metadata["fill"], CultureInfo.InvariantCulture);
            bytes.Length.Should().Be(content.Metadata.Size).And.Be(10_000 + fill);
            bytes.ToArray().Should().OnlyContain(value => value == fill);
            (await ListNamesAsync("fi")).Should().Equal("file");
            reads++;
            turns.Release();
        }
        while (!writer.IsCompleted);

        await writer;
        reads.Should().BePositive();
    }

    [Fact]
    public async Task Folders_ObjectsComeAndGoAtOnce_NeverFail()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < 15; round++)
            {
                await PutAsync($"a/b/c/{i}");
                await Store.MoveAsync($"a/b/c/{i}", $"a/x/{i}", null, Token);
                await Store.DeleteAsync($"a/x/{i}", null, Token);
            }
        })));

        (await ListNamesAsync(string.Empty)).Should().BeEmpty();
    }

    private async Task<bool> TryIncrementAsync(bool byMetadata)
    {
        await using var content = await Store.OpenReadAsync("counter", null, Token);
        var live = content!.Metadata;
        try
        {
            if (byMetadata)
            {
                var next = int.Parse(live.Metadata["value"], CultureInfo.InvariantCulture) + 1;
                await Store.PatchMetadataAsync("counter", new Dictionary<string, string?> { ["value"] = $"{next}" }, ObjectPreconditions.Matches(live), Token);
            }
            else
            {
                var next = int.Parse(await new StreamReader(content.Stream).ReadToEndAsync(Token), CultureInfo.InvariantCulture) + 1;
                await PutAsync("counter", $"{next}", new() { Preconditions = ObjectPreconditions.Matches(live) });
            }

            return true;
        }
        catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
        {
            return false;
        }
    }

    private async Task WriteFilledAsync(int fill)
    {
        var bytes = new byte[10_000 + fill];
        Array.Fill(bytes, (byte)fill);
        await Store.WriteAsync("file", new MemoryStream(bytes), new() { Metadata = new Dictionary<string, string> { ["fill"] = $"{fill}" } }, Token);
    }
}
