using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.TestProcess;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Real processes that change one directory at once and are killed, again and again.</summary>
public sealed class DirectoryObjectStoreKillTests : IDisposable
{
    private const int Rounds = 32;
    private const int Processes = 2;

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<(string Name, long Generation), (long Size, uint Crc32C)> _contents = [];
    private readonly long[] _counterGenerations = new long[Processes];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Kill_AtRandomMoments_LosesAndHalvesNothing()
    {
        var random = new Random(20251114);
        for (var round = 0; round < Rounds; round++)
        {
            var logs = await Task.WhenAll(Enumerable.Range(0, Processes).Select(number => RunAndKillAsync(number, random.Next(), 1 + random.Next(40))));

            var store = new DirectoryObjectStore(_directory.Path, TimeProvider.System, random);
            await VerifyObjectsAsync(store);
            for (var number = 0; number < Processes; number++)
            {
                await VerifyCounterAsync(store, number, logs[number]);
            }
        }

        Directory.GetFiles(_directory.Join(".store", "tmp")).Length.Should().BeLessThanOrEqualTo(2 * Rounds * Processes, "a kill leaves what was under way");
    }

    [Fact]
    public async Task Change_FileLocksSwitchedOff_IsRefused()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(StoreChurn).Assembly.Location, "store-churn", _directory.Path, "1", "1" },
            Environment = { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1", ["DOTNET_DbgEnableMiniDump"] = "0" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Token);

        (await process.StandardError.ReadToEndAsync(Token)).Should().Contain("files are not locked here").And.Contain("DOTNET_SYSTEM_IO_DISABLEFILELOCKING");
        await process.WaitForExitAsync(Token);
        process.ExitCode.Should().NotBe(0);
        (await output).Should().BeEmpty();
    }

    /// <summary>Lets a process work until it has written some lines, kills it, and answers all the lines it wrote.</summary>
    private async Task<List<string>> RunAndKillAsync(int number, int seed, int lines)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(StoreChurn).Assembly.Location, "store-churn", _directory.Path, $"{seed}", $"{number}" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var log = new List<string>();
        try
        {
            while (log.Count < lines && await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                log.Add(line);
            }
        }
        finally
        {
            process.Kill();
        }

        while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            log.Add(line);
        }

        (await process.StandardError.ReadToEndAsync(Token)).Should().BeEmpty();
        await process.WaitForExitAsync(Token);
        log.Count.Should().BeGreaterThanOrEqualTo(lines, "it works until it is killed");
        return log;
    }

    private async Task VerifyObjectsAsync(DirectoryObjectStore store)
    {
        await foreach (var item in store.ListAsync(string.Empty, Token))
        {
            await using var content = await store.OpenReadAsync(item.Name, new() { Preconditions = ObjectPreconditions.Matches(item) }, Token);
            using var bytes = new MemoryStream();
            await content!.Stream.CopyToAsync(bytes, Token);
            bytes.Length.Should().Be(item.Size);
            if (!item.Name.StartsWith("counters/", StringComparison.Ordinal))
            {
                var fill = byte.Parse(item.Metadata["fill"], CultureInfo.InvariantCulture);
                bytes.ToArray().Should().OnlyContain(value => value == fill);
            }

            _contents.TryAdd((item.Name, item.Generation), (item.Size, item.Crc32C));
            _contents[(item.Name, item.Generation)].Should().Be((item.Size, item.Crc32C), "a generation has one content forever");
        }
    }

    private async Task VerifyCounterAsync(DirectoryObjectStore store, int number, List<string> log)
    {
        var counter = await store.GetAsync($"counters/{number}", default, Token);
        var value = counter is null ? 0 : long.Parse(counter.Metadata["value"], CultureInfo.InvariantCulture);
        var raising = Last(log, "raising ");
        var raised = Last(log, "raised ");
        value.Should().BeGreaterThanOrEqualTo(raised ?? 0, "what was answered has happened");
        value.Should().BeLessThanOrEqualTo(raising ?? long.MaxValue, "what was not asked has not happened");
        (counter?.Size ?? 0).Should().Be(value % 50);
        (counter?.Generation ?? 0).Should().BeGreaterThanOrEqualTo(_counterGenerations[number]);
        _counterGenerations[number] = counter?.Generation ?? 0;
    }

    private static long? Last(List<string> log, string prefix) =>
        log.FindLast(line => line.StartsWith(prefix, StringComparison.Ordinal)) is { } line && long.TryParse(line[prefix.Length..], CultureInfo.InvariantCulture, out var value) ? value : null;
}
