using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Children;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.StatusPage;

/// <summary>The page at <c>/</c> in a real browser.</summary>
public sealed class StatusPageTests : IDisposable
{
    // 132 MB come in parts, which are counted in their order and of which the later ones are held; 23 MB come in one piece.
    private const double OllamaScale = 0.1;
    private const double HubScale = 0.01;
    private const long HeldFrom = 84_000_000;
    private const int LeastPercent = 50;

    private const string Bar = "document.querySelector('[role=progressbar]:not([hidden])')";
    private const string States = "[...document.querySelectorAll('.model .state')].map(s => s.textContent)";

    private readonly TemporaryFolder _folder = new();
    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Page_WhilePullingAndAfter_ShowsLiveBarsAndThenVersions()
    {
        var clock = new HeldClock();
        await using var registry = await PullRegistry.StartAsync(clock);
        registry.Serve(OllamaModels.Llama32(OllamaScale));
        registry.Serve(HubModels.BgeM3(HubScale));
        registry.Fault = request =>
            StartOf(request.Range) >= HeldFrom && !clock.IsReleased ? ModelRegistryFault.Delay(TimeSpan.FromHours(1)) : null;
        registry.Connect(_deployment)
            .WithModel("llama3.2-1b", "ollama", registry.OllamaSource).WithModel("bge-m3", "sbert", PullRegistry.HubSource)
            .WithOllama("llama3.2-1b", _folder.Join("starts"));
        await using var app = _deployment.Start();
        try
        {
            await using var browser = await Browser.OpenAsync(await app.GetAddressAsync());

            // One model has come as far as it is let, the other one is there; the page has learned it without being loaded again.
            await browser.WaitForAsync($"{Bar} !== null && +{Bar}.getAttribute('aria-valuenow') > {LeastPercent} && {States}.join() === 'pulling,ready'");
            (await browser.ReadAsync<string>("document.getElementById('state').textContent")).Should().Be("pulling");
            (await browser.ReadAsync<string>(Bar + ".getAttribute('aria-label')")).Should().Be("Progress of llama3.2-1b");
            (await browser.ReadAsync<string>(Bar + ".getAttribute('aria-valuetext')")).Should().MatchRegex(@"^pulling: \d\d %$");
            (await browser.ReadAsync<bool>($"{Bar}.firstElementChild.getBoundingClientRect().width > {Bar}.getBoundingClientRect().width / 2"))
                .Should().BeTrue("a bar has a length");
            (await browser.ReadAsync<string>("document.querySelector('.amount').textContent")).Should().Contain(" MB of 132 MB");
            (await browser.ReadAsync<string>("document.querySelector('.child .state').textContent")).Should().Be("waiting for gate");
            await browser.TakeScreenshotAsync("status-pulling");
            await browser.TakeScreenshotAsync("status-pulling-dark", "dark");

            clock.Release();
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
        }
        finally
        {
            clock.Release();
        }
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
