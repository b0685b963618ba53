using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Children;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.StatusPage;

/// <summary>The page at <c>/</c> in a real browser.</summary>
public sealed class StatusPageTests : IDisposable
{
    // 26 MB, which come in one piece, and the part of them after which nothing more comes until that is let go.
    private const double Scale = 0.02;
    private const long HeldFrom = 16_000_000;
    private const int LeastPercent = 50;

    private const string Delivery = "/cdn/get/";
    private const string Bar = "document.querySelector('[role=progressbar]:not([hidden])')";
    private const string States = "[...document.querySelectorAll('.model .state')].map(s => s.textContent)";

    private readonly TemporaryFolder _folder = new();
    private readonly Deployment _deployment = new();

    // What was held is asked for again when the client has waited for half a minute.
    [Fact]
    [Trait(TestKinds.Duration, TestKinds.Long)]
    public async Task Page_WhilePullingAndAfter_ShowsLiveBarsAndThenVersions()
    {
        await using var registry = await PullRegistry.StartAsync();
        var weights = registry.Serve(OllamaModels.Llama32(Scale)).Layers.MaxBy(l => l.File.Size)!.File.Sha256;
        var isHeld = true;
        registry.Fault = request => Volatile.Read(ref isHeld) && request.Target.Contains($"{Delivery}{weights}", StringComparison.Ordinal)
            ? ModelRegistryFault.StallAfter(Math.Max(0, HeldFrom - StartOf(request.Range)))
            : null;
        ModelFiles.WriteSbert(_deployment.Source("bge-m3"), seed: 1, 1_000_000);
        registry.Connect(_deployment)
            .WithModel("llama3.2-1b", "ollama", registry.OllamaSource).WithModel("bge-m3", "sbert")
            .WithOllama("llama3.2-1b", _folder.Join("starts"));
        await using var app = _deployment.Start();
        await using var browser = await Browser.OpenAsync(await app.GetAddressAsync());

        // One model has come as far as it is let, the other one is there; the page has learned it without being loaded again.
        await browser.WaitForAsync($"{Bar} !== null && +{Bar}.getAttribute('aria-valuenow') > {LeastPercent} && {States}.join() === 'pulling,ready'");
        (await browser.ReadAsync<string>("document.getElementById('state').textContent")).Should().Be("pulling");
        (await browser.ReadAsync<string>(Bar + ".getAttribute('aria-label')")).Should().Be("Progress of llama3.2-1b");
        (await browser.ReadAsync<string>(Bar + ".getAttribute('aria-valuetext')")).Should().MatchRegex(@"^pulling: \d\d %$");
        await browser.WaitForAsync($"{Bar}.firstElementChild.getBoundingClientRect().width > {Bar}.getBoundingClientRect().width * {LeastPercent} / 100");
        (await browser.ReadAsync<string>("document.querySelector('.amount').textContent")).Should().Contain(" MB of 26.4 MB");
        (await browser.ReadAsync<string>("document.querySelector('.child .state').textContent")).Should().Be("waiting for gate");
        await browser.TakeScreenshotAsync("status-pulling");
        await browser.TakeScreenshotAsync("status-pulling-dark", "dark");

        Volatile.Write(ref isHeld, false);
        await browser.WaitForAsync("document.getElementById('state').textContent === 'ready' && document.querySelector('.child .state').textContent === 'running'");
        (await browser.ReadAsync<bool>(Bar + " === null")).Should().BeTrue("nothing is left to wait for");
        var served = await app.GetModelsAsync();
        (await browser.ReadAsync<string[]>("[...document.querySelectorAll('.model .version code')].map(v => v.textContent)"))
            .Should().Equal(served.Select(m => m.Version));
        await browser.TakeScreenshotAsync("status-ready");
        await browser.TakeScreenshotAsync("status-ready-dark", "dark");

        Signal.Send(ChildSetup.ReadStarts(_folder.Join("starts"))[0].ProcessId, Signal.Kill);
        await browser.WaitForAsync("document.querySelector('#problems')?.textContent.includes('Child ollama is down: it ended with exit code 137')");
        await browser.WaitForAsync("document.querySelector('.child .counts').textContent.startsWith('1 restart')");
        browser.Errors.Should().BeEmpty();

        // Killed, it would leave its child behind.
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }

    [Fact]
    public async Task Page_FailedStartWithMarkupInItsReason_ShowsItAsText()
    {
        const string Markup = "<img src=x onerror=document.title='owned'>";
        await using var app = _deployment.WithModel("llm", "ollama", "dir:///nowhere/" + Markup).WithSetting("FailureBehavior", "StayUnready").Start();
        await app.WaitForStateAsync("failed");
        await using var browser = await Browser.OpenAsync(await app.GetAddressAsync());

        await browser.WaitForAsync("document.getElementById('state').textContent === 'failed'");

        (await browser.ReadAsync<string>("document.querySelector('.model .reason').textContent")).Should().Contain(Markup);
        (await browser.ReadAsync<string>("document.getElementById('problems').textContent")).Should().Contain(Markup);
        (await browser.ReadAsync<int>("document.images.length")).Should().Be(0);
        (await browser.ReadAsync<string>("document.title")).Should().Be("Tabular: failed");
        browser.Errors.Should().BeEmpty();
    }

    public void Dispose()
    {
        _deployment.Dispose();
        _folder.Dispose();
    }

    private static long StartOf(string? range) =>
        range is not null && long.TryParse(range.Split('=', '-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : 0;
}
