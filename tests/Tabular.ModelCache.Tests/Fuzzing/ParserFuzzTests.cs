using System.Globalization;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>
/// Every parser of what others write gets changed copies of valid inputs: 20,000, or a million with <c>MODEL_CACHE_TESTS_FULL=1</c>. It may
/// refuse them by the exception that it declares; what it accepts must be safe. <c>FUZZ_SEED</c> chooses other inputs.
/// </summary>
public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private const int EveryNthBulk = 20;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1";
    private static readonly int Count = IsFull ? 1_000_000 : 20_000;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(IsFull ? 30 : 5);

    public static TheoryData<string> Names => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_Seeds_AreAccepted(string name)
    {
        foreach (var input in FuzzTargets.All[name].Seeds)
        {
            FuzzTargets.All[name].Parse(input).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Parse_ChangedInputs_AreRefusedAsDeclaredOrSafe(string name)
    {
        var run = new FuzzRun(name, FuzzTargets.All[name], Seed);
        var began = TimeProvider.System.GetTimestamp();

        await run.RunAsync(Count, Patience);

        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        output.WriteLine($"{name}: {Count} inputs, {run.Accepted} accepted, at most {run.MostAllocated} bytes for one, {seconds:0.0} s");
        run.Accepted.Should().BeInRange(Count / 1000, Count - (Count / 1000), "inputs that are all alike to it find nothing");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_InputsOfTheLargestSize_StayWithinTheMemory(string name)
    {
        var target = FuzzTargets.All[name];
        var run = new FuzzRun(name, target, Seed);
        var began = TimeProvider.System.GetTimestamp();
        var number = 0;
        foreach (var make in BulkInputs.Make(target).Where(_ => number++ % (IsFull ? 1 : EveryNthBulk) == 0))
        {
            var input = make();
            input.Length.Should().BeLessThanOrEqualTo(target.MaxBytes);
            run.Try(input, () => $"bulk input {number - 1}");
        }

        output.WriteLine($"{name}: {number} inputs of {target.MaxBytes} bytes, at most {run.MostAllocated} bytes, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
    }
}
