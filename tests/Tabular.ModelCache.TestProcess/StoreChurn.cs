using System.Globalization;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.TestProcess;

/// <summary>Changes objects at random, forever. What it writes can be checked by anybody afterwards.</summary>
/// <remarks>
/// The content of <c>churn/*</c> and <c>deep/*</c> is one byte repeated, and the metadata <c>fill</c> names the byte: half-replaced
/// content, or metadata of another content, shows. The counter <c>counters/&lt;number&gt;</c> is only raised by its own process, by
/// compare-and-swap, and its value is printed before and after: a lost or doubled change shows.
/// </remarks>
internal sealed class StoreChurn(IObjectStore store, Random random, string number, TextWriter output)
{
    private static readonly string[] Names = ["churn/a", "churn/b", "churn/c", "deep/1/2/3/x", "deep/1/y", "deep/z"];

    public async Task RunAsync()
    {
        for (long step = 0; ; step++)
        {
            try
            {
                await ChangeAsync(Names[random.Next(Names.Length)]);
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
            {
                // The other process was faster.
            }

            await CountAsync();
            await output.WriteLineAsync($"step {step}");
            await output.FlushAsync();
        }
    }

    private async Task ChangeAsync(string name)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                var fill = (byte)random.Next(256);
                var content = new byte[random.Next(3) == 0 ? random.Next(300_000) : random.Next(200)];
                Array.Fill(content, fill);
                await store.WriteAsync(name, new MemoryStream(content), new() { Metadata = Tag(fill) });
                break;
            case 2:
                await store.PatchMetadataAsync(name, new Dictionary<string, string?> { ["patched"] = $"{random.Next()}" });
                break;
            case 3:
                await store.DeleteAsync(name);
                break;
            case 4:
                var target = Names[random.Next(Names.Length)];
                if (target != name)
                {
                    await store.MoveAsync(name, target);
                }

                break;
            default:
                await store.CopyAsync(name, Names[random.Next(Names.Length)]);
                break;
        }
    }

    private async Task CountAsync()
    {
        var name = $"counters/{number}";
        var live = await store.GetAsync(name);
        var next = live is null ? 1 : long.Parse(live.Metadata["value"], CultureInfo.InvariantCulture) + 1;
        await output.WriteLineAsync($"raising {next}");
        await output.FlushAsync();
        await store.WriteAsync(
            name,
            new MemoryStream(new byte[next % 50]),
            new()
            {
                Metadata = new Dictionary<string, string> { ["value"] = $"{next}" },
                Preconditions = live is null ? ObjectPreconditions.MustNotExist : ObjectPreconditions.Matches(live),
            });
        await output.WriteLineAsync($"raised {next}");
        await output.FlushAsync();
    }

    private static Dictionary<string, string> Tag(byte fill) => new() { ["fill"] = $"{fill}" };
}
